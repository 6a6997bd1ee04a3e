package stacks

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/k6"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// Files are what a stack needs besides its resources, by path: the vercel.json
// of every edge-hosted project, what origins send, how media are uploaded, the load
// test, and rules, dashboards and runbooks.
func Files(dir, stack string) (map[string][]byte, error) {
	in, p, err := planned(dir, stack, time.Now())
	if err != nil {
		return nil, err
	}
	files, err := mediaFiles(in.stack, p.Edge)
	if err != nil {
		return nil, err
	}
	for name, config := range p.Edge.Vercel {
		if files["apps/"+name+"/vercel.json"], err = indented(config); err != nil {
			return nil, fmt.Errorf("vercel.json of %s: %w", name, err)
		}
	}
	if zone := p.Edge.Cloudflare; zone != nil && len(zone.Origin) > 0 {
		files["edge/nginx-cache-control.conf"] = []byte(zone.Nginx(in.stack.Edge.SessionCookies))
	}
	test, err := k6.New(in.stack, p, k6.Options{})
	if err != nil {
		return nil, fmt.Errorf("load test of %s: %w", stack, err)
	}
	script, err := test.Script()
	if err != nil {
		return nil, fmt.Errorf("load test of %s: %w", stack, err)
	}
	files["loadtest/"+stack+".js"] = []byte(script)
	watched, err := monitoringFiles(in.stack, p)
	maps.Copy(files, watched)
	return files, err
}

// mediaFiles are for who uploads, and for the owner of a bucket that is others'.
func mediaFiles(s spec.Stack, p plan.Edge) (map[string][]byte, error) {
	files, media := map[string][]byte{}, s.Edge.CloudFront
	if p.CloudFront == nil {
		return files, nil
	}
	manifest, err := indented(map[string]any{"stack": s.Name, "objects": p.CloudFront.Objects})
	if err != nil {
		return nil, fmt.Errorf("upload manifest: %w", err)
	}
	maps.Copy(files, map[string][]byte{
		"edge/media-upload.json": manifest, "edge/media-upload.sh": []byte(p.CloudFront.Script()),
	})
	if media.Mode == spec.External || media.Bucket.Mode == spec.Managed {
		return files, nil
	}
	id := media.ID
	if id == "" {
		id = "DISTRIBUTION_ID" // Known after the first deployment, as the output distributionId.
	}
	policy, err := cdn.ReadPolicy(media.Bucket.Name, fmt.Sprintf("arn:aws:cloudfront::%s:distribution/%s", s.Cluster.Account, id))
	if err != nil {
		return nil, err
	}
	files["edge/"+media.Bucket.Name+"-policy.json"] = []byte(policy)
	return files, nil
}

func indented(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}
