package aws

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Sources of the rules; those of replacements are in package effects. A commit
// is of hashicorp/terraform-provider-aws, read in September 2026.
const (
	tfInstance       = "terraform-provider-aws internal/service/rds/instance.go, schema in the 5.x series"
	tfParameterGroup = "terraform-provider-aws internal/service/rds/parameter_group.go @ 01606926"
)

func rdsTypes(a Account) []provider.Type {
	return []provider.Type{
		{
			Token:    parameterGroup,
			Required: []string{"family"},
			Sets:     []string{"parameters"},
			Defaults: map[string]any{"description": "Managed by Pulumi", "skipDestroy": false},
			Autoname: &provider.Autoname{Property: "name", Unless: []string{"namePrefix"}, Separator: "-", Random: 7, Max: 255},
			Rules:    parameterGroupRules(),
			Identity: named("db-parameter-group", "name"),
			Rivals:   rivalGroups,
			Mint:     a.mintNamed("rds", "pg"),
		},
		{
			Token:    subnetGroup,
			Required: []string{"subnetIds"},
			Sets:     []string{"subnetIds"},
			Defaults: map[string]any{"description": "Managed by Pulumi"},
			Autoname: &provider.Autoname{Property: "name", Unless: []string{"namePrefix"}, Separator: "-", Random: 7, Max: 255},
			Rules:    subnetGroupRules(),
			Identity: named("db-subnet-group", "name"),
			Mint:     a.mintNamed("rds", "subgrp"),
		},
		{
			Token:    instance,
			Required: []string{"instanceClass"},
			Sets:     []string{"enabledCloudwatchLogsExports", "vpcSecurityGroupIds"},
			Defaults: map[string]any{
				"autoMinorVersionUpgrade": true, "copyTagsToSnapshot": false, "deleteAutomatedBackups": true,
				"monitoringInterval": 0.0, "performanceInsightsEnabled": false, "publiclyAccessible": false,
				"skipFinalSnapshot": false,
			},
			// pulumi/pulumi-aws#6434: logical name and digits, nothing between.
			Autoname: &provider.Autoname{Property: "identifier", Unless: []string{"identifierPrefix"}, Random: 7, Max: 63},
			Secrets:  []string{"password"},
			Rules:    append(instanceRules(), modifyRules()...),
			Same:     grown,
			Identity: named("db", "identifier"),
			// An import names the identifier; the id is the resource id.
			Alias:    func(id string) string { return "db:" + strings.ToLower(id) },
			ImportID: identifierOf,
			Rivals:   rivalInstances,
			Mint:     a.mintInstance,
		},
	}
}

// named is the identity of objects that a name tells apart.
func named(kind, property string) func(provider.Value) string {
	return func(in provider.Value) string {
		if name := in.At(property).Text(); name != "" {
			return kind + ":" + strings.ToLower(name)
		}
		return ""
	}
}

// mintNamed makes the outputs of groups whose id is their name.
func (a Account) mintNamed(service, kind string) func(provider.Minting) (string, map[string]any) {
	return func(m provider.Minting) (string, map[string]any) {
		name := m.Inputs.At("name").Text()
		if name == "" {
			name = m.Inputs.At("namePrefix").Text() + m.Hex(26)
		}
		return name, map[string]any{
			"name":    name,
			"arn":     a.arn(service, a.region(m.Config), kind+":"+name),
			"tagsAll": allTags(m.Config, m.Inputs),
		}
	}
}

func (a Account) mintInstance(m provider.Minting) (string, map[string]any) {
	region := a.region(m.Config)
	name := m.Inputs.At("identifier").Text()
	if name == "" {
		name = m.Inputs.At("identifierPrefix").Text() + m.Hex(26)
	}
	address := fmt.Sprintf("%s.c%s.%s.rds.amazonaws.com", name, m.Hex(11), region)
	port := 5432.0
	if p, ok := m.Inputs.At("port").Number(); ok {
		port = p
	}
	// Since 5.0 the id is the resource id, which a rename does not change.
	id := "db-" + strings.ToUpper(m.Hex(26))
	out := map[string]any{
		"identifier": name, "resourceId": id, "arn": a.arn("rds", region, "db:"+name),
		"address": address, "endpoint": fmt.Sprintf("%s:%.0f", address, port), "port": port,
		"hostedZoneId": "Z" + strings.ToUpper(m.Hex(13)), "status": "available", "replicas": []any{},
		"engineVersionActual":  m.Inputs.At("engineVersion").Text(),
		"availabilityZone":     region + "a",
		"latestRestorableTime": "", "masterUserSecrets": a.masterSecret(m, region),
		"tagsAll": allTags(m.Config, m.Inputs),
	}
	return id, out
}

// masterSecret is what ManageMasterUserPassword makes RDS keep.
func (a Account) masterSecret(m provider.Minting, region string) []any {
	if !m.Inputs.At("manageMasterUserPassword").True() {
		return []any{}
	}
	return []any{map[string]any{
		"kmsKeyId":     a.arn("kms", region, "key/"+m.Hex(8)+"-"+m.Hex(4)+"-"+m.Hex(4)+"-"+m.Hex(4)+"-"+m.Hex(12)),
		"secretArn":    a.arn("secretsmanager", region, "secret:rds!db-"+m.Hex(8)),
		"secretStatus": "active",
	}}
}
