//go:build linux

package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// keys are the files that everything in the cluster proves itself with: one
// certificate for servers and clients, whose owner may do everything. Who may do
// what is no subject of these tests.
type keys struct{ ca, cert, key string }

// newKeys writes a certificate authority and what it signed.
func newKeys(dir string) (keys, error) {
	k := keys{filepath.Join(dir, "ca.crt"), filepath.Join(dir, "admin.crt"), filepath.Join(dir, "admin.key")}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return k, err
	}
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "headroom tests"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	admin := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "admin", Organization: []string{"system:masters"}}, NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	for path, template := range map[string]*x509.Certificate{k.ca: authority, k.cert: admin} {
		der, err := x509.CreateCertificate(rand.Reader, template, authority, private.Public(), private)
		if err != nil {
			return k, err
		}
		if err := write(path, "CERTIFICATE", der); err != nil {
			return k, err
		}
	}
	der, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return k, err
	}
	return k, write(k.key, "EC PRIVATE KEY", der)
}

func write(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

// kubeconfig writes how to reach the API server.
func (k keys) kubeconfig(path, server string) error {
	return clientcmd.WriteToFile(api.Config{
		Clusters:       map[string]*api.Cluster{"tests": {Server: server, CertificateAuthority: k.ca}},
		AuthInfos:      map[string]*api.AuthInfo{"admin": {ClientCertificate: k.cert, ClientKey: k.key}},
		Contexts:       map[string]*api.Context{"tests": {Cluster: "tests", AuthInfo: "admin"}},
		CurrentContext: "tests",
	}, path)
}
