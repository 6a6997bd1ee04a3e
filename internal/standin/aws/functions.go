package aws

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

func functions(a Account) map[string]provider.Function {
	return map[string]provider.Function{
		"aws:eks/getCluster:getCluster":                           a.getCluster,
		"aws:eks/getNodeGroup:getNodeGroup":                       a.getNodeGroup,
		"aws:eks/getNodeGroups:getNodeGroups":                     a.getNodeGroups,
		"aws:elasticache/getReplicationGroup:getReplicationGroup": a.getReplicationGroup,
		"aws:rds/getInstance:getInstance":                         a.getInstance,
		"aws:rds/getParameterGroup:getParameterGroup":             a.getParameterGroup,
		"aws:index/getCallerIdentity:getCallerIdentity":           a.getCallerIdentity,
		"aws:index/getRegion:getRegion":                           a.getRegion,
		"aws:index/getPartition:getPartition":                     getPartition,
	}
}

// getCluster answers an active cluster of the name asked for. The fields are
// those of LookupClusterResult in pulumi-aws 6.83.2.
func (a Account) getCluster(c provider.Call) (map[string]any, error) {
	name, region := c.Args.At("name").Text(), a.region(c.Config)
	if name == "" {
		return nil, fmt.Errorf("getCluster: name is required")
	}
	host := strings.ToUpper(fmt.Sprintf("%032x", name))[:32]
	return map[string]any{
		"id": name, "name": name, "arn": a.arn("eks", region, "cluster/"+name),
		"endpoint":               fmt.Sprintf("https://%s.gr7.%s.eks.amazonaws.com", host, region),
		"certificateAuthorities": []any{map[string]any{"data": base64.StdEncoding.EncodeToString([]byte("stand-in certificate"))}},
		"version":                a.KubernetesVersion, "platformVersion": "eks.1", "status": "ACTIVE",
		"createdAt": "2026-01-01T00:00:00Z", "roleArn": fmt.Sprintf("arn:aws:iam::%s:role/%s", a.ID, name),
		"enabledClusterLogTypes": []any{}, "tags": map[string]any{}, "clusterId": "",
		"identities": []any{map[string]any{"oidcs": []any{map[string]any{
			"issuer": fmt.Sprintf("https://oidc.eks.%s.amazonaws.com/id/%s", region, host),
		}}}},
		"vpcConfig": map[string]any{
			"clusterSecurityGroupId": "sg-0standin0cluster0", "endpointPrivateAccess": true, "endpointPublicAccess": false,
			"publicAccessCidrs": []any{}, "securityGroupIds": []any{}, "subnetIds": []any{"subnet-0standina", "subnet-0standinb"},
			"vpcId": "vpc-0standin",
		},
		"accessConfigs": []any{}, "computeConfigs": []any{}, "outpostConfigs": []any{}, "remoteNetworkConfigs": []any{},
		"storageConfigs": []any{}, "upgradePolicies": []any{}, "zonalShiftConfigs": []any{},
		"kubernetesNetworkConfigs": []any{map[string]any{"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16"}},
	}, nil
}

func (a Account) getCallerIdentity(provider.Call) (map[string]any, error) {
	return map[string]any{
		"id": a.ID, "accountId": a.ID, "userId": "AIDASTANDIN",
		"arn": fmt.Sprintf("arn:aws:iam::%s:user/stand-in", a.ID),
	}, nil
}

func (a Account) getRegion(c provider.Call) (map[string]any, error) {
	r := a.region(c.Config)
	return map[string]any{"id": r, "name": r, "description": r, "endpoint": "ec2." + r + ".amazonaws.com"}, nil
}

func getPartition(provider.Call) (map[string]any, error) {
	return map[string]any{
		"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws",
	}, nil
}
