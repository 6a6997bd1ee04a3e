package seeds

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/internal/standin/aws"
	"github.com/agencyos/headroom/internal/standin/kubernetes"
	"github.com/agencyos/headroom/internal/standin/provider"
)

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// product is what kubectl and the AWS CLI print of a small product.
var product = map[string]string{
	"cluster/apps.yaml": `apiVersion: v1
kind: List
items:
  - {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: api, namespace: web, creationTimestamp: 2026-01-02T03:04:05Z}, spec: {maxReplicas: 5, scaleTargetRef: {kind: Deployment, name: api}}}
  - {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: api, namespace: web}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {YES: "on"}
---
`,
	"instance.json": `{"DBInstances": [{"DBInstanceIdentifier": "shop-db", "DbiResourceId": "db-ABC", "DBInstanceClass": "db.m7g.large", "Engine": "postgres",
		"EngineVersion": "17.4", "MasterUsername": "shop", "DBName": "", "MultiAZ": false, "AllocatedStorage": 200,
		"Endpoint": {"Address": "shop-db.example", "Port": 5432}, "DBSubnetGroup": {"DBSubnetGroupName": "shop-subnets", "VpcId": "vpc-1"},
		"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}], "DBParameterGroups": [{"DBParameterGroupName": "shop-pg"}],
		"TagList": [{"Key": "team", "Value": "shop"}], "MasterUserSecret": {"SecretArn": "arn:s", "SecretStatus": "active"}}]}`,
	"groups.json": `{"DBParameterGroups": [{"DBParameterGroupName": "shop-pg", "DBParameterGroupFamily": "postgres17", "Description": "of the shop"}]}
{"DBSubnetGroups": [{"DBSubnetGroupName": "shop-subnets", "DBSubnetGroupDescription": "d", "Subnets": [{"SubnetIdentifier": "subnet-a"}, {"SubnetIdentifier": "subnet-b"}]}]}`,
	"parameters/shop-pg.json": `{"Parameters": [{"ParameterName": "work_mem", "ParameterValue": "65536", "Source": "user", "ApplyMethod": "immediate"},
		{"ParameterName": "max_wal_size", "ParameterValue": "1", "Source": "engine-default"}, {"ParameterName": "jit", "Source": "user"}]}`,
	"ec2.json": `{"SecurityGroups": [{"GroupId": "sg-1", "GroupName": "db", "Description": "d", "VpcId": "vpc-1", "Tags": [{"Key": "team", "Value": "shop"}]}],
		"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "ReferencedGroupInfo": {"GroupId": "sg-nodes"}},
		{"SecurityGroupRuleId": "sgr-2", "GroupId": "sg-1", "IsEgress": true, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0"}]}`,
	"cache.json": `{"ReplicationGroups": [{"ReplicationGroupId": "shop-cache", "Description": "of the shop", "Status": "available", "PendingModifiedValues": {},
		"MemberClusters": ["shop-cache-001", "shop-cache-002"], "NodeGroups": [{"NodeGroupId": "0001", "Status": "available",
			"PrimaryEndpoint": {"Address": "shop-cache.example", "Port": 6379}, "ReaderEndpoint": {"Address": "shop-cache-ro.example", "Port": 6379},
			"NodeGroupMembers": [{"CacheClusterId": "shop-cache-001", "CurrentRole": "primary"}, {"CacheClusterId": "shop-cache-002", "CurrentRole": "replica"}]}],
		"AutomaticFailover": "enabled", "MultiAZ": "disabled", "SnapshotRetentionLimit": 1, "SnapshotWindow": "03:00-04:00", "ClusterEnabled": false,
		"CacheNodeType": "cache.m7g.large", "AuthTokenEnabled": false, "TransitEncryptionEnabled": true, "AtRestEncryptionEnabled": true, "ARN": "arn:c",
		"UserGroupIds": ["shop"], "DataTiering": "disabled", "AutoMinorVersionUpgrade": true, "NetworkType": "ipv4", "IpDiscovery": "ipv4",
		"TransitEncryptionMode": "required", "ClusterMode": "disabled", "Engine": "valkey", "LogDeliveryConfigurations": [
			{"LogType": "slow-log", "DestinationType": "cloudwatch-logs", "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "/shop/slow"}}, "LogFormat": "json", "Status": "active"}]},
		{"ReplicationGroupId": "sessions", "Description": "sharded", "MemberClusters": ["s-1", "s-2", "s-3", "s-4"], "ClusterEnabled": true, "ClusterMode": "enabled",
		"ConfigurationEndpoint": {"Address": "sessions.example", "Port": 6380}, "AutomaticFailover": "enabling", "MultiAZ": "enabled", "DataTiering": "enabled",
		"NodeGroups": [{"NodeGroupId": "0001", "NodeGroupMembers": [{"CacheClusterId": "s-1"}, {"CacheClusterId": "s-2"}]},
			{"NodeGroupId": "0002", "NodeGroupMembers": [{"CacheClusterId": "s-3"}, {"CacheClusterId": "s-4"}]}]}]}`,
	"nodes.json": `{"CacheClusters": [{"CacheClusterId": "shop-cache-001", "ReplicationGroupId": "shop-cache", "Engine": "valkey", "EngineVersion": "8.0.1",
		"CacheParameterGroup": {"CacheParameterGroupName": "shop-pg", "ParameterApplyStatus": "in-sync"}, "CacheSubnetGroupName": "shop-subnets",
		"SecurityGroups": [{"SecurityGroupId": "sg-2", "Status": "active"}], "PreferredMaintenanceWindow": "sun:05:00-sun:06:00"},
		{"CacheClusterId": "s-1", "ReplicationGroupId": "sessions", "Engine": "redis", "EngineVersion": "5.0.6", "SecurityGroups": []},
		{"CacheClusterId": "alone", "Engine": "memcached", "EngineVersion": "1.6.22"}, {"CacheClusterId": "o-1", "ReplicationGroupId": "other"}]}`,
	"cachegroups.json": `{"CacheParameterGroups": [{"CacheParameterGroupName": "shop-pg", "CacheParameterGroupFamily": "valkey8", "Description": "eviction", "IsGlobal": false, "ARN": "arn:p"}]}
{"CacheSubnetGroups": [{"CacheSubnetGroupName": "shop-subnets", "CacheSubnetGroupDescription": "d", "VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-a"}]}]}`,
	"cacheparameters/shop-pg.json": `{"Parameters": [{"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction", "Source": "user", "ChangeType": "immediate"},
		{"ParameterName": "timeout", "ParameterValue": "0", "Source": "system", "ChangeType": "immediate"}]}`,
	"distribution.json": `{"ETag": "E2", "Distribution": {"Id": "E1", "ARN": "arn:d", "Status": "Deployed", "DomainName": "d1.cloudfront.net",
		"ActiveTrustedSigners": {"Enabled": false, "Quantity": 0}, "DistributionConfig": {"CallerReference": "c", "Aliases": {"Quantity": 1, "Items": ["media.example"]},
		"DefaultRootObject": "", "Origins": {"Quantity": 2, "Items": [
			{"Id": "media", "DomainName": "media.s3.us-east-1.amazonaws.com", "OriginPath": "", "CustomHeaders": {"Quantity": 0}, "S3OriginConfig": {"OriginAccessIdentity": ""},
				"ConnectionAttempts": 3, "ConnectionTimeout": 10, "OriginShield": {"Enabled": true, "OriginShieldRegion": "us-east-1"}, "OriginAccessControlId": "EOAC"},
			{"Id": "app", "DomainName": "app.example", "OriginPath": "/v1", "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-From", "HeaderValue": "edge"}]},
				"CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only", "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
				"OriginReadTimeout": 30, "OriginKeepaliveTimeout": 5}, "ConnectionAttempts": 2, "ConnectionTimeout": 10, "OriginShield": {"Enabled": false}, "OriginAccessControlId": ""}]},
		"OriginGroups": {"Quantity": 0},
		"DefaultCacheBehavior": {"TargetOriginId": "media", "TrustedSigners": {"Enabled": false, "Quantity": 0}, "TrustedKeyGroups": {"Enabled": false, "Quantity": 0},
			"ViewerProtocolPolicy": "redirect-to-https", "AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}},
			"SmoothStreaming": false, "Compress": false, "LambdaFunctionAssociations": {"Quantity": 0}, "FunctionAssociations": {"Quantity": 0},
			"FieldLevelEncryptionId": "", "CachePolicyId": "policy-1"},
		"CacheBehaviors": {"Quantity": 1, "Items": [{"PathPattern": "/api/*", "TargetOriginId": "app", "ViewerProtocolPolicy": "https-only", "Compress": true,
			"AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}},
			"FunctionAssociations": {"Quantity": 1, "Items": [{"FunctionARN": "arn:f", "EventType": "viewer-request"}]}, "FieldLevelEncryptionId": "",
			"ForwardedValues": {"QueryString": true, "Cookies": {"Forward": "none"}, "Headers": {"Quantity": 1, "Items": ["Host"]}, "QueryStringCacheKeys": {"Quantity": 0}},
			"MinTTL": 0, "DefaultTTL": 60, "MaxTTL": 3600}]},
		"CustomErrorResponses": {"Quantity": 2, "Items": [{"ErrorCode": 403, "ResponsePagePath": "", "ResponseCode": "", "ErrorCachingMinTTL": 10},
			{"ErrorCode": 404, "ResponsePagePath": "/404.html", "ResponseCode": "404", "ErrorCachingMinTTL": 0}]},
		"Comment": "media", "Logging": {"Enabled": true, "IncludeCookies": false, "Bucket": "logs.s3.amazonaws.com", "Prefix": ""}, "PriceClass": "PriceClass_100", "Enabled": true,
		"ViewerCertificate": {"CloudFrontDefaultCertificate": false, "ACMCertificateArn": "arn:acm", "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021", "Certificate": "arn:acm", "CertificateSource": "acm"},
		"Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}}, "WebACLId": "", "HttpVersion": "HTTP2and3", "IsIPV6Enabled": true,
		"ContinuousDeploymentPolicyId": "", "Staging": false}}}`,
	"more.yml":  "{type: aws:rds/subnetGroup:SubnetGroup, id: other, inputs: {name: other, subnetIds: [a, b]}}",
	"notes.txt": "not read",
}

func TestRead(t *testing.T) {
	got, err := Read(write(t, product))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]any{}
	for _, o := range got.Objects {
		found[o.Token+" "+o.ID] = o.Inputs
	}
	want := map[string]map[string]any{
		"kubernetes:core/v1:ConfigMap default/settings": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "settings"}, "data": map[string]any{"YES": "on"}},
		"kubernetes:autoscaling/v2:HorizontalPodAutoscaler web/api": {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
			"metadata": map[string]any{"name": "api", "namespace": "web", "creationTimestamp": "2026-01-02T03:04:05Z"},
			"spec":     map[string]any{"maxReplicas": 5.0, "scaleTargetRef": map[string]any{"kind": "Deployment", "name": "api"}}},
		instance + " db-ABC": {"identifier": "shop-db", "instanceClass": "db.m7g.large", "engine": "postgres", "engineVersion": "17.4", "username": "shop",
			"multiAz": false, "allocatedStorage": 200.0, "port": 5432.0, "dbSubnetGroupName": "shop-subnets", "vpcSecurityGroupIds": []any{"sg-1"},
			"parameterGroupName": "shop-pg", "tags": map[string]any{"team": "shop"}, "manageMasterUserPassword": true,
			"skipFinalSnapshot": true, "deleteAutomatedBackups": true},
		parameterGroup + " shop-pg": {"name": "shop-pg", "family": "postgres17", "description": "of the shop",
			"parameters": []any{map[string]any{"name": "work_mem", "value": "65536", "applyMethod": "immediate"}}},
		subnetGroup + " shop-subnets": {"name": "shop-subnets", "description": "d", "subnetIds": []any{"subnet-a", "subnet-b"}},
		replicationGroup + " shop-cache": {"replicationGroupId": "shop-cache", "description": "of the shop", "engine": "valkey", "engineVersion": "8.0", "nodeType": "cache.m7g.large",
			"numCacheClusters": 2.0, "automaticFailoverEnabled": true, "multiAzEnabled": false, "port": 6379.0, "parameterGroupName": "shop-pg", "subnetGroupName": "shop-subnets",
			"securityGroupIds": []any{"sg-2"}, "maintenanceWindow": "sun:05:00-sun:06:00", "snapshotRetentionLimit": 1.0, "snapshotWindow": "03:00-04:00",
			"transitEncryptionEnabled": true, "transitEncryptionMode": "required", "atRestEncryptionEnabled": true, "userGroupIds": []any{"shop"}, "autoMinorVersionUpgrade": true,
			"networkType": "ipv4", "ipDiscovery": "ipv4", "clusterMode": "disabled",
			"logDeliveryConfigurations": []any{map[string]any{"destination": "/shop/slow", "destinationType": "cloudwatch-logs", "logFormat": "json", "logType": "slow-log"}}},
		replicationGroup + " sessions": {"replicationGroupId": "sessions", "description": "sharded", "engine": "redis", "engineVersion": "5.0.6", "numNodeGroups": 2.0, "replicasPerNodeGroup": 1.0,
			"automaticFailoverEnabled": true, "multiAzEnabled": true, "dataTieringEnabled": true, "clusterMode": "enabled", "port": 6380.0, "securityGroupIds": []any{}},
		cacheParameters + " shop-pg": {"name": "shop-pg", "family": "valkey8", "description": "eviction",
			"parameters": []any{map[string]any{"name": "maxmemory-policy", "value": "noeviction"}}},
		cacheSubnets + " shop-subnets": {"name": "shop-subnets", "description": "d", "subnetIds": []any{"subnet-a"}},
		subnetGroup + " other":         {"name": "other", "subnetIds": []any{"a", "b"}},
		securityGroup + " sg-1":        {"name": "db", "description": "d", "vpcId": "vpc-1", "tags": map[string]any{"team": "shop"}},
		ingressRule + " sgr-1":         {"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 5432.0, "toPort": 5432.0, "referencedSecurityGroupId": "sg-nodes"},
		egressRule + " sgr-2":          {"securityGroupId": "sg-1", "ipProtocol": "-1", "fromPort": -1.0, "toPort": -1.0, "cidrIpv4": "0.0.0.0/0"},
		distribution + " E1": {"aliases": []any{"media.example"}, "comment": "media", "enabled": true, "httpVersion": "http2and3", "isIpv6Enabled": true, "priceClass": "PriceClass_100", "staging": false,
			"origins": []any{
				map[string]any{"originId": "media", "domainName": "media.s3.us-east-1.amazonaws.com", "originAccessControlId": "EOAC", "originShield": map[string]any{"enabled": true, "originShieldRegion": "us-east-1"}},
				map[string]any{"originId": "app", "domainName": "app.example", "originPath": "/v1", "connectionAttempts": 2.0, "customHeaders": []any{map[string]any{"name": "X-From", "value": "edge"}},
					"customOriginConfig": map[string]any{"httpPort": 80.0, "httpsPort": 443.0, "originProtocolPolicy": "https-only", "originSslProtocols": []any{"TLSv1.2"}, "originReadTimeout": 30.0, "originKeepaliveTimeout": 5.0}}},
			"defaultCacheBehavior": map[string]any{"targetOriginId": "media", "viewerProtocolPolicy": "redirect-to-https", "allowedMethods": []any{"GET", "HEAD"}, "cachedMethods": []any{"GET", "HEAD"}, "compress": false, "cachePolicyId": "policy-1"},
			"orderedCacheBehaviors": []any{map[string]any{"pathPattern": "/api/*", "targetOriginId": "app", "viewerProtocolPolicy": "https-only", "allowedMethods": []any{"GET", "HEAD"}, "cachedMethods": []any{"GET", "HEAD"}, "compress": true,
				"functionAssociations": []any{map[string]any{"functionArn": "arn:f", "eventType": "viewer-request"}}, "defaultTtl": 60.0, "maxTtl": 3600.0,
				"forwardedValues": map[string]any{"queryString": true, "headers": []any{"Host"}, "cookies": map[string]any{"forward": "none"}}}},
			"customErrorResponses": []any{map[string]any{"errorCode": 403.0, "errorCachingMinTtl": 10.0}, map[string]any{"errorCode": 404.0, "responseCode": 404.0, "responsePagePath": "/404.html", "errorCachingMinTtl": 0.0}},
			"loggingConfig":        map[string]any{"bucket": "logs.s3.amazonaws.com", "includeCookies": false}, "restrictions": map[string]any{"geoRestriction": map[string]any{"restrictionType": "none"}},
			"viewerCertificate": map[string]any{"acmCertificateArn": "arn:acm", "sslSupportMethod": "sni-only", "minimumProtocolVersion": "TLSv1.2_2021"}},
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("Read (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"Ingress": 1, "CacheCluster": 2}, got.Left); diff != "" {
		t.Errorf("kinds left out (-want +got):\n%s", diff)
	}
}

// Everything that is read must be something the stand-ins can hold.
func TestStandInsTakeWhatIsRead(t *testing.T) {
	got, err := Read(write(t, product))
	if err != nil {
		t.Fatal(err)
	}
	providers := map[string]*provider.Provider{"aws": aws.New(aws.Account{}), "kubernetes": kubernetes.New()}
	for _, o := range got.Objects {
		name, _, _ := strings.Cut(o.Token, ":")
		if err := providers[name].Seed(o); err != nil {
			t.Errorf("Seed(%s %s): %v", o.Token, o.ID, err)
		}
	}
	if found, ok := providers["aws"].Find(instance, "shop-db"); !ok || found.At("address").Text() != "shop-db.example" || found.At("masterUserSecrets[0].secretArn").Text() != "arn:s" {
		t.Errorf("the instance by its identifier = %v, %v", found, ok)
	}
}

// An empty list of parameters may be a cache's or a database's.
func TestNoParameters(t *testing.T) {
	got, err := Read(write(t, map[string]string{"pg.json": `{"Parameters": []}`, "g.json": `{"CacheParameterGroups": [{"CacheParameterGroupName": "pg"}]}`}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"name": "pg", "parameters": []any{}}, got.Objects[0].Inputs); diff != "" {
		t.Errorf("a group without parameters of its own (-want +got):\n%s", diff)
	}
}

func TestReadRefuses(t *testing.T) {
	cases := map[string]struct {
		reason string
		files  map[string]string
		want   []string
	}{
		"NoFile":      {"a folder without anything to read", map[string]string{"a.txt": "x"}, []string{"holds no .yaml or .json file"}},
		"Empty":       {"a file without a document", map[string]string{"a.yaml": "# nothing\n"}, []string{"a.yaml: is empty"}},
		"NotYAML":     {"said once, with the file", map[string]string{"a.yaml": "a: [1"}, []string{"a.yaml: is not valid YAML or JSON"}},
		"List":        {"an object per document", map[string]string{"a.json": "[1]"}, []string{"a.json (document 1): must be an object"}},
		"Other":       {"what may stand there", map[string]string{"a.json": `{"Reservations": []}`}, []string{"no answer of the AWS CLI with CacheClusters, CacheParameterGroups, CacheSubnetGroups, DBInstances, DBParameterGroups, DBSubnetGroups, Distribution, ReplicationGroups, SecurityGroupRules, SecurityGroups or Parameters"}},
		"NoName":      {"an object has a name", map[string]string{"a.yaml": "apiVersion: v1\nkind: ConfigMap\n"}, []string{"must have apiVersion, kind and metadata.name"}},
		"NoInputs":    {"an object by type has inputs", map[string]string{"a.yaml": "type: aws:x\nid: y\n"}, []string{"must have type, id and inputs"}},
		"Bare":        {"a distribution without its settings is no answer", map[string]string{"a.json": `{"Distribution": {"Id": "E1"}}`}, []string{"Distribution holds an object without its id or its settings"}},
		"NoID":        {"AWS objects have ids", map[string]string{"a.json": `{"SecurityGroups": [{}]}`}, []string{"SecurityGroups holds an object without its id"}},
		"WhoseGroup":  {"parameters belong to a group", map[string]string{"pg.json": `{"Parameters": []}`}, []string{`a group "pg" that no file describes`}},
		"WhoseCache":  {"a cache's parameters are no database's", map[string]string{"pg.json": `{"Parameters": [{"ParameterName": "a", "ParameterValue": "1", "ChangeType": "immediate"}]}`, "g.json": `{"DBParameterGroups": [{"DBParameterGroupName": "pg"}]}`}, []string{`a group "pg" that no file describes`}},
		"NoNodes":     {"a group alone has no version", map[string]string{"a.json": `{"ReplicationGroups": [{"ReplicationGroupId": "c"}]}`, "b.json": `{"CacheClusters": [{"ReplicationGroupId": "d"}]}`}, []string{"a.json (document 1): holds replication group c without its nodes", "aws elasticache describe-cache-clusters"}},
		"Twice":       {"which of the two is live?", map[string]string{"a.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}"}, []string{"kubernetes:core/v1:ConfigMap default/a stands twice"}},
		"AllProblems": {"a person fixes them together", map[string]string{"a.yaml": "[]", "b.yaml": "kind: X", "c.json": "{"}, []string{"a.yaml", "b.yaml", "c.json"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Read(write(t, c.files))
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: Read = %v, want %q", c.reason, err, want)
				}
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "nowhere")); err == nil {
		t.Error("Read of nothing is no error")
	}
}

func FuzzSplit(f *testing.F) {
	for _, text := range product {
		f.Add([]byte(text))
	}
	f.Add([]byte("a: &x [*x]\n"))
	f.Add([]byte("? [a]\n: b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		documents, err := split(data)
		if err != nil {
			return
		}
		r := reader{seeds: Seeds{Left: map[string]int{}}}
		for i, d := range documents {
			r.document("f.yaml", i+1, d)
		}
		r.settle()
		for _, o := range r.seeds.Objects {
			if o.Token == "" || o.ID == "" || o.Inputs == nil {
				t.Errorf("an object without token, id or inputs: %+v", o)
			}
		}
	})
}
