package rules

// confined is the security context of a container that needs no privilege.
func confined() node {
	return node{"runAsNonRoot": true, "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": node{"drop": []any{"ALL"}}}
}

// surroundings are what stands around the services of the good stack.
func surroundings() []Resource {
	bucket := declared(typeBucket, "media", node{"bucket": "media", "forceDestroy": false})
	bucket.Options.Protect = true
	cache := declared(typeCache, "sessions", node{
		"engine": "valkey", "atRestEncryptionEnabled": true, "transitEncryptionEnabled": true, "transitEncryptionMode": "required",
		"automaticFailoverEnabled": true, "multiAzEnabled": true, "numCacheClusters": 2, "userGroupIds": []any{"app"}, "parameterGroupName": "sessions",
	})
	cache.Options.Protect = true
	return append([]Resource{
		declared(typeSubnet, "a", node{"id": "subnet-a", "cidrBlock": "10.0.0.0/20"}),
		declared(typeSubnet, "b", node{"id": "subnet-b", "cidrBlock": "10.0.16.0/20"}),
		declared(typeLaunchTemplate, "general", node{
			"metadataOptions":     node{"httpTokens": "required", "httpPutResponseHopLimit": 1},
			"blockDeviceMappings": []any{node{"deviceName": "/dev/xvda", "ebs": node{"encrypted": "true"}}},
		}),
		declared(typeRole, "autoscaler", node{"assumeRolePolicy": `{"Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}`}),
		declared(typeRolePolicy, "autoscaler", node{"policy": `{"Statement":[
			{"Effect":"Allow","Action":["autoscaling:DescribeAutoScalingGroups"],"Resource":"*"},
			{"Effect":"Allow","Action":"autoscaling:SetDesiredCapacity","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/k8s.io/cluster-autoscaler/shop":"owned"}}}]}`}),
		release("cluster-autoscaler", node{"autoDiscovery": node{"clusterName": "shop"}, "extraArgs": node{"expendable-pods-priority-cutoff": -10, "max-nodes-total": 10}}),
		release("metrics-server", node{"args": []any{"--metric-resolution=15s"}}),
		release("prometheus-adapter", node{"metricsRelistInterval": "30s"}),
		declared(typePriorityClass, "pause", node{"metadata": node{"name": "pause"}, "value": -5, "globalDefault": false, "preemptionPolicy": "Never"}),
		cache,
		declared(typeCacheParameters, "sessions", node{"name": "sessions", "family": "valkey8", "parameters": []any{node{"name": "maxmemory-policy", "value": "allkeys-lfu"}}}),
		declared(typeCacheUser, "nobody", node{"userName": "default", "accessString": "off ~* -@all"}),
		bucket,
		declared(typePrometheusRule, "shop", node{"metadata": node{"name": "shop", "namespace": "monitoring"}, "spec": node{"groups": []any{node{"name": "shop", "rules": alerts(
			`kube_horizontalpodautoscaler_status_desired_replicas >= kube_horizontalpodautoscaler_spec_max_replicas`,
			`sum(pg_stat_activity_count) > 300`, `pg_database_size_bytes > 8e10`, `rate(redis_evicted_keys_total[5m]) > 0`,
			`kube_pod_status_phase{phase="Pending"} > 0`)}}}}),
		declared(typeMetricAlarm, "errors", node{"metricName": "5xxErrorRate", "alarmActions": []any{"arn:topic"}}),
	}, edgeStack()...)
}

func alerts(expressions ...string) []any {
	var all []any
	for _, e := range expressions {
		all = append(all, node{"alert": "Near", "expr": e})
	}
	return all
}

func release(chart string, values node) Resource {
	return declared(typeRelease, chart, node{"chart": chart, "version": "1.2.3", "repositoryOpts": node{"repo": "https://charts.example"}, "values": values})
}

// edgeStack is a bucket's settings, a distribution and a zone.
func edgeStack() []Resource {
	return []Resource{
		declared(typePublicBlock, "media", node{"bucket": "media", "blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true}),
		declared(typeBucketPolicy, "media", node{"bucket": "media", "policy": `{"Statement":[
			{"Sid":"Read","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*","Condition":{"StringEquals":{"aws:SourceArn":"arn"}}},
			{"Sid":"TLS","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`}),
		declared(typeDistribution, "media", node{
			"aliases":               []any{"media.example"},
			"viewerCertificate":     node{"acmCertificateArn": "arn", "minimumProtocolVersion": "TLSv1.2_2021"},
			"origins":               []any{node{"originId": "media", "domainName": "media.s3.us-east-1.amazonaws.com", "originAccessControlId": "E1"}},
			"defaultCacheBehavior":  node{"viewerProtocolPolicy": "redirect-to-https", "cachePolicyId": "policy-1", "responseHeadersPolicyId": "headers-1"},
			"orderedCacheBehaviors": []any{node{"pathPattern": "/api/*", "viewerProtocolPolicy": "https-only", "cachePolicyId": managedCachingDisabled, "responseHeadersPolicyId": "headers-1"}},
		}),
		declared(typeCachePolicy, "files", node{"minTtl": 0, "maxTtl": 31536000}),
		declared(typeCertificate, "media", node{"domainName": "media.example", "validationMethod": "DNS"}),
		declared(typeZoneSettings, "zone", node{"zoneId": "z1", "settings": node{"ssl": "strict", "minTlsVersion": "1.2", "alwaysUseHttps": "on", "alwaysOnline": "off", "browserCacheTtl": 0}}),
		declared(typeRuleset, "cache", node{"zoneId": "z1", "phase": cachePhase, "rules": []any{node{"action": "set_cache_settings",
			"actionParameters": node{"cache": true, "edgeTtl": node{"mode": "override_origin", "default": 7200}, "browserTtl": node{"mode": "respect_origin"}}}}}),
		declared(typeRuleset, "headers", node{"zoneId": "z1", "phase": "http_response_headers_transform"}),
	}
}
