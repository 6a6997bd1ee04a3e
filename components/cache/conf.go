package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/agencyos/headroom/capacity/spec"
)

const (
	confFile  = "redis.conf"
	usersFile = "users.acl"
	confDir   = "/etc/redis"
	secretDir = "/etc/redis-secret"
)

// conf is redis.conf of the cache in a cluster. Reserved memory is outside of
// maxmemory, as on ElastiCache: buffers of clients do not count there, and the
// pod's limit does. Nothing is written to a disk.
func conf(c spec.Cache, policy, users string) string {
	bytes := int64(float64(c.MaxMemory) * (1 - c.ReservedMemory.Ratio()) * (1 << 20))
	return fmt.Sprintf(`port %d
aclfile %s
maxclients %d
maxmemory %d
maxmemory-policy %s
save ""
appendonly no
tcp-keepalive 60
`, c.Port, users, c.MaxClients, bytes, policy)
}

// acl is the file of users; it holds a digest of the password and not the password.
func acl(user, password string) string {
	sum := sha256.Sum256([]byte(password))
	return fmt.Sprintf("user default %s\nuser %s %s #%s\n", accessOfDefault, user, accessOfServices, hex.EncodeToString(sum[:]))
}
