package rules

import "testing"

const mainDB = "Instance main"

func TestRDSStaticParameter(t *testing.T) {
	const group = "ParameterGroup main-pg17"
	extra := func(name string, method any) []edit {
		return []edit{{group, "parameters/1", node{"name": name, "value": "1", "applyMethod": method}}}
	}
	judgeRows(t, "rds-static-parameter", map[string]row{
		"Reboots":     {reason: "the static one waits, the dynamic one does not", want: Pass},
		"Immediate":   {reason: "RDS refuses it", want: Violation, says: "max_connections is static", edits: []edit{{group, "parameters/0/applyMethod", "immediate"}}},
		"Default":     {reason: "the default is immediate", want: Violation, edits: []edit{{group, "parameters/0/applyMethod", gone{}}}},
		"Workers17":   {reason: "autovacuum_max_workers is static up to 17", want: Violation, edits: extra("autovacuum_max_workers", "immediate")},
		"Workers18":   {reason: "and dynamic from 18 on", want: Pass, edits: append(extra("autovacuum_max_workers", "immediate"), edit{group, "family", "postgres18"})},
		"OtherEngine": {reason: "MySQL has other parameters", want: NotApplicable, only: []string{group}, edits: []edit{{group, "family", "mysql8.4"}}},
		"Unknown":     {reason: "an output may be immediate", want: CannotKnow, edits: []edit{{group, "parameters/0/applyMethod", Unknown()}}},
		"UnknownName": {reason: "an output may be a static one", want: CannotKnow, edits: []edit{{group, "parameters/1/name", Unknown()}}},
	})
}

func TestRDSEncrypted(t *testing.T) {
	judgeRows(t, "rds-encrypted", map[string]row{
		"Encrypted": {reason: "storageEncrypted: true", want: Pass},
		"Off":       {reason: "false is plain", want: Violation, edits: []edit{{mainDB, "storageEncrypted", false}}},
		"Unset":     {reason: "the default is plain", want: Violation, says: "(not set)", edits: []edit{{mainDB, "storageEncrypted", gone{}}}},
		"Replica":   {reason: "a replica follows its source", want: NotApplicable, edits: []edit{{mainDB, "replicateSourceDb", "other"}, {mainDB, "storageEncrypted", gone{}}}},
		"Unknown":   {reason: "an output may be false", want: CannotKnow, edits: []edit{{mainDB, "storageEncrypted", Unknown()}}},
	})
}

func TestRDSPrivate(t *testing.T) {
	const group, rule = "SecurityGroup db", "SecurityGroupIngressRule nodes"
	old := append(goodStack(), declared(typeSecurityRule, "old", node{"type": "ingress", "protocol": "-1", "cidrBlocks": []any{"0.0.0.0/0"}}))
	egress := append(goodStack(), declared(typeSecurityRule, "old", node{"type": "egress", "protocol": "-1", "cidrBlocks": []any{"0.0.0.0/0"}}))
	judgeRows(t, "rds-private", map[string]row{
		"Private":    {reason: "only the VPC reaches 5432; the world reaches 443", want: Pass},
		"Egress":     {reason: "egress lets nobody in", stack: egress, want: Pass},
		"Public":     {reason: "a public address", want: Violation, says: "publiclyAccessible", edits: []edit{{mainDB, "publiclyAccessible", true}}},
		"World":      {reason: "the group admits the world", want: Violation, says: "port 5432 is open to 0.0.0.0/0", edits: []edit{{group, "ingress/0/cidrBlocks/0", "0.0.0.0/0"}}},
		"HalfWorld":  {reason: "two halves are a world too", want: Violation, edits: []edit{{group, "ingress/0/cidrBlocks/0", "128.0.0.0/1"}}},
		"WorldRange": {reason: "a range over the port counts", want: Violation, edits: []edit{{group, "ingress/1/fromPort", 0}, {group, "ingress/1/toPort", 65535}}},
		"WorldSix":   {reason: "so does IPv6", want: Violation, says: "::/0", edits: []edit{{rule, "cidrIpv6", "::/0"}}},
		"AllPorts":   {reason: "protocol -1 opens every port", stack: old, want: Violation},
		"OwnPort":    {reason: "the instance's own port is a database port", want: Violation, says: "port 443", edits: []edit{{mainDB, "port", 443}}},
		"CachePort":  {reason: "and so is a cache's", want: Violation, says: "port 443", edits: []edit{{"ReplicationGroup sessions", "port", 443}}},
		"CacheUsual": {reason: "a cache without a port has the usual one", want: Violation, says: "port 6379", edits: []edit{{group, "ingress/1/fromPort", 6000}, {group, "ingress/1/toPort", 7000}}},
		"PortLate":   {reason: "a port that is an output may be the one that is open", want: CannotKnow, says: "port of Instance main", edits: []edit{{mainDB, "port", Unknown()}}},
		"PortNever":  {reason: "and does not matter where the world reaches none", want: Pass, edits: []edit{{mainDB, "port", Unknown()}, {group, "ingress/1/protocol", "udp"}}},
		"Named":      {reason: "6 is TCP", want: Violation, says: "port 5432", edits: []edit{{rule, "ipProtocol", "6"}, {rule, "cidrIpv4", "0.0.0.0/0"}}},
		"AllNamed":   {reason: "all protocols hold TCP", want: Violation, says: "port 5432", edits: []edit{{rule, "ipProtocol", "all"}, {rule, "fromPort", 0}, {rule, "toPort", 0}, {rule, "cidrIpv4", "0.0.0.0/0"}}},
		"Datagrams":  {reason: "no database answers by UDP", want: Pass, edits: []edit{{rule, "ipProtocol", "udp"}, {rule, "cidrIpv4", "0.0.0.0/0"}}},
		"Company":    {reason: "a network of /8 is somebody's", want: Pass, edits: []edit{{rule, "cidrIpv4", "10.0.0.0/8"}}},
		"Wide":       {reason: "one of /7 is nobody's", want: Violation, says: "10.0.0.0/7", edits: []edit{{rule, "cidrIpv4", "10.0.0.0/7"}}},
		"PortOutput": {reason: "which ports the world reaches is an output", want: CannotKnow, says: "fromPort", edits: []edit{{rule, "fromPort", Unknown()}, {rule, "cidrIpv4", "0.0.0.0/0"}}},
		"PortInside": {reason: "which ports the VPC reaches does not matter", want: Pass, edits: []edit{{rule, "fromPort", Unknown()}, {rule, "cidrIpv4", "10.0.0.0/16"}}},
		"PortBelow":  {reason: "up to 443 there is no database, wherever it begins", want: Pass, edits: []edit{{rule, "fromPort", Unknown()}, {rule, "toPort", 443}, {rule, "cidrIpv4", "0.0.0.0/0"}}},
		"NoPort":     {reason: "a database without a port has the usual one", want: Pass, edits: []edit{{mainDB, "port", gone{}}, {group, "ingress/1/fromPort", 0}, {group, "ingress/1/toPort", 0}}},
		"Nothing":    {reason: "no database and no group", only: []string{"Deployment api"}, want: NotApplicable},
		"Unknown":    {reason: "an output may be the world", want: CannotKnow, edits: []edit{{rule, "cidrIpv4", Unknown()}}},
		"OtherPort":  {reason: "an unknown range on 443 does not matter", want: Pass, edits: []edit{{group, "ingress/1/cidrBlocks/0", Unknown()}}},
	})
}

func TestRDSDurable(t *testing.T) {
	judgeRows(t, "rds-durable", map[string]row{
		"Durable":      {reason: "protected three times, a week of backups", want: Pass},
		"Deletion":     {reason: "the API would delete it", want: Violation, says: "deletionProtection", edits: []edit{{mainDB, "deletionProtection", false}}},
		"NoSnapshot":   {reason: "a destroy would leave nothing", want: Violation, says: "skipFinalSnapshot", edits: []edit{{mainDB, "skipFinalSnapshot", true}}},
		"SixDays":      {reason: "a week is 7", want: Violation, says: "6 < 7", edits: []edit{{mainDB, "backupRetentionPeriod", 6}}},
		"NoBackups":    {reason: "unset is none", want: Violation, edits: []edit{{mainDB, "backupRetentionPeriod", gone{}}}},
		"NotProtected": {reason: "a replacement would delete it", want: Violation, says: "protect", options: map[string]Options{mainDB: {Known: true}}},
		"Replica":      {reason: "a replica is a copy", want: NotApplicable, edits: []edit{{mainDB, "replicateSourceDb", "other"}, {mainDB, "deletionProtection", false}}},
		"Unknown":      {reason: "an output may be 1", want: CannotKnow, edits: []edit{{mainDB, "backupRetentionPeriod", Unknown()}}},
		"Manifest":     {reason: "without options protect is not known", want: CannotKnow, says: "options", options: map[string]Options{mainDB: {}}},
	})
}
