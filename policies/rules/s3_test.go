package rules

import "testing"

// TestAttached: a bucket whose settings are not found is open to the public.
func TestAttached(t *testing.T) {
	bucket := func(name any) Resource { return declared(typeBucket, "media", node{"bucket": name}) }
	block := func(of any, from ...string) Resource {
		r := declared(typePublicBlock, "media", node{"bucket": of})
		r.References = map[string][]string{"bucket": from}
		return r
	}
	for name, c := range map[string]struct {
		reason        string
		bucket, block Resource
		found         int
		open          bool
	}{
		"Named":         {"by the bucket's name", bucket("media"), block("media"), 1, false},
		"Other":         {"another bucket's", bucket("media"), block("logs"), 0, false},
		"Referred":      {"by where its name comes from", bucket(nil), block(Unknown(), bucket(nil).URN), 1, false},
		"ReferredOther": {"it comes from another bucket", bucket("media"), block(Unknown(), urnPrefix+typeBucket+"::logs"), 0, false},
		"ReferredMore":  {"nor can it be this one, whose name is an output too", bucket(Unknown()), block(Unknown(), urnPrefix+typeBucket+"::logs"), 0, false},
		"Output":        {"an output may be its name", bucket("media"), block(Unknown()), 0, true},
		"SecretName":    {"a secret too", bucket("media"), block(Secret()), 0, true},
		"Nobody":        {"settings that name no bucket are not finished", bucket("media"), block(nil), 0, false},
		"BucketOutput":  {"the bucket's name is an output, and may be the one that is named", bucket(Unknown()), block("media"), 0, true},
		"BucketMadeUp":  {"a name that is made up is not one that is written down", bucket(nil), block("media"), 0, false},
		"Neither":       {"nothing is not the name of nothing", bucket(nil), block(nil), 0, false},
		"Empty":         {"nor are two empty names one", bucket(""), block(""), 0, false},
	} {
		found, open := NewModel([]Resource{c.bucket, c.block}).attached(c.bucket, "bucket", typePublicBlock)
		if len(found) != c.found || open != c.open {
			t.Errorf("%s: %s\n%d found, open %v; want %d, %v", name, c.reason, len(found), open, c.found, c.open)
		}
	}
}

func TestS3Policy(t *testing.T) {
	const refuse = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	with := func(statements string) []edit {
		return []edit{{"BucketPolicy media", "policy", `{"Statement":[` + statements + `]}`}}
	}
	judgeRows(t, "s3-policy", map[string]row{
		"Refused":       {reason: "plain HTTP alone is refused", want: Pass, edits: with(refuse)},
		"RefusedFirst":  {reason: "a later Deny of something else takes nothing back", want: Pass, edits: with(refuse + `,{"Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"*"}`)},
		"RefusedTruth":  {reason: "IAM takes a truth value as well", want: Pass, edits: with(`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":false}}}`)},
		"RefusesSecure": {reason: "true refuses HTTPS", want: Violation, says: "no statement refuses plain HTTP", edits: with(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true}}}`)},
		"RefusedToOne":  {reason: "others still come by plain HTTP", want: Violation, says: "no statement refuses plain HTTP", edits: with(`{"Effect":"Deny","Principal":{"AWS":"arn:one"},"Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`)},
		"OtherDeny":     {reason: "a Deny of something else refuses no plain HTTP", want: Violation, says: "no statement refuses plain HTTP", edits: with(`{"Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"*"}`)},
		"One":           {reason: "one account may read", want: Pass, edits: with(refuse + `,{"Effect":"Allow","Principal":{"AWS":["arn:one","arn:two"]},"Action":"s3:GetObject","Resource":"*"}`)},
		"Conditional":   {reason: "everybody may who meets a condition", want: Pass, edits: with(refuse + `,{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:SourceArn":"arn"}}}`)},
		"Among":         {reason: "everybody among others is everybody", want: Violation, says: "statement without a name lets everybody in", edits: with(refuse + `,{"Effect":"Allow","Principal":{"AWS":["arn:one","*"]},"Action":"s3:GetObject","Resource":"*"}`)},
		"Output": {reason: "who is let in is an output", want: CannotKnow, says: "waits for policy.Statement[0].Principal.AWS of BucketPolicy media, not known yet", edits: []edit{
			{"BucketPolicy media", "policy", node{"Statement": []any{node{"Effect": "Allow", "Principal": Unknown()}, node{"Effect": "Deny", "Principal": "*", "Condition": node{"Bool": node{"aws:SecureTransport": "false"}}}}}}}},
		"NoDocument": {reason: "text that is no JSON", want: CannotKnow, says: "to be a JSON document", edits: []edit{{"BucketPolicy media", "policy", "{"}}},
		"Nobody":     {reason: "no policy", only: []string{"Deployment api"}, want: NotApplicable},
	})
}
