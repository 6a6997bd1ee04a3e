package aws

import (
	"fmt"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// getInstance answers a live instance, by the fields of LookupInstanceResult in
// pulumi-aws 6.83.2.
func (a Account) getInstance(c provider.Call) (map[string]any, error) {
	name := c.Args.At("dbInstanceIdentifier").Text()
	found, ok := c.Find(instance, name)
	if !ok {
		return nil, fmt.Errorf("reading RDS DB Instance (%s): couldn't find resource", name)
	}
	text := func(path string) any { return found.At(path).Text() }
	number := func(path string) any { n, _ := found.At(path).Number(); return n }
	answer := map[string]any{"id": name, "dbInstanceIdentifier": name, "tags": map[string]any{}}
	for field, value := range map[string]func(string) any{
		"address": text, "availabilityZone": text, "caCertIdentifier": text, "databaseInsightsMode": text, "dbName": text,
		"endpoint": text, "engine": text, "hostedZoneId": text, "kmsKeyId": text, "licenseModel": text, "monitoringRoleArn": text,
		"networkType": text, "replicateSourceDb": text, "resourceId": text, "storageType": text, "timezone": text,
		"allocatedStorage": number, "backupRetentionPeriod": number, "iops": number, "maxAllocatedStorage": number,
		"monitoringInterval": number, "storageThroughput": number, "port": number,
	} {
		answer[field] = value(field)
	}
	for field, path := range map[string]string{
		"dbInstanceArn": "arn", "dbInstanceClass": "instanceClass", "dbSubnetGroup": "dbSubnetGroupName",
		"engineVersion": "engineVersionActual", "masterUsername": "username", "preferredBackupWindow": "backupWindow",
		"preferredMaintenanceWindow": "maintenanceWindow", "dbClusterIdentifier": "clusterIdentifier",
	} {
		answer[field] = text(path)
	}
	for _, field := range []string{"autoMinorVersionUpgrade", "multiAz", "publiclyAccessible", "storageEncrypted"} {
		answer[field] = found.At(field).True()
	}
	answer["dbInstancePort"] = number("port")
	answer["dbParameterGroups"], answer["optionGroupMemberships"] = listed(text("parameterGroupName")), listed(text("optionGroupName"))
	answer["vpcSecurityGroups"], answer["enabledCloudwatchLogsExports"] = texts(found, "vpcSecurityGroupIds"), texts(found, "enabledCloudwatchLogsExports")
	answer["masterUserSecrets"] = masterSecrets(found)
	return answer, nil
}

// getParameterGroup answers a live parameter group. What RDS made itself, a
// default group, is always there.
func (a Account) getParameterGroup(c provider.Call) (map[string]any, error) {
	name := c.Args.At("name").Text()
	found, ok := c.Find(parameterGroup, name)
	if !ok {
		return nil, fmt.Errorf("reading RDS DB Parameter Group (%s): couldn't find resource", name)
	}
	return map[string]any{
		"id": name, "name": name, "arn": found.At("arn").Text(),
		"description": found.At("description").Text(), "family": found.At("family").Text(),
	}, nil
}

func listed(v any) []any {
	if v == "" {
		return []any{}
	}
	return []any{v}
}

func texts(v provider.Value, path string) []any {
	out := []any{}
	for _, item := range v.At(path).List() {
		out = append(out, item.Text())
	}
	return out
}

func masterSecrets(found provider.Value) []any {
	out := []any{}
	for _, s := range found.At("masterUserSecrets").List() {
		out = append(out, map[string]any{
			"kmsKeyId": s.At("kmsKeyId").Text(), "secretArn": s.At("secretArn").Text(), "secretStatus": s.At("secretStatus").Text(),
		})
	}
	return out
}
