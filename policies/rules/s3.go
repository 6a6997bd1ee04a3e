package rules

import (
	"slices"
	"strings"
)

// attached are the resources of a type whose property names a bucket: by its
// name or, while that is an output, by where it comes from. The second result is
// true while one more may do so.
func (m Model) attached(bucket Resource, property, typ string) (found []Resource, open bool) {
	name := bucket.at("bucket")
	called, named := name.text()
	for _, r := range m.of(typ) {
		value := r.at(property)
		own, known := value.text()
		switch {
		case slices.Contains(r.References[property], bucket.URN), own != "" && own == called:
			found = append(found, r)
		case len(r.References[property]) == 0 && !known && !value.Absent():
			open = true
		case known && !named && !name.Absent():
			open = true
		}
	}
	return found, open
}

// eachBucket judges every bucket by the settings that belong to it.
func eachBucket(question, typ, missing string, judge func(*verdict, Resource)) func(Input) []Finding {
	return each(question, func(in Input, v *verdict, b Resource) {
		settings, open := in.attached(b, "bucket", typ)
		switch {
		case len(settings) > 0:
			for _, s := range settings {
				judge(v, s)
			}
		case open:
			v.wait("which bucket each %s belongs to", typ[strings.LastIndexByte(typ, ':')+1:])
		default:
			v.fault("%s", missing)
		}
	}, typeBucket)
}

// s3Public prevents the leak that one wrong policy or ACL would be.
func s3Public() Rule {
	return Rule{
		ID: "s3-public", Severity: Critical, Level: Mandatory,
		What:    "buckets ignore and refuse every grant to the public",
		Why:     "one wrong policy or ACL would publish every object",
		Fix:     "declare a BucketPublicAccessBlock with all four settings true: each is false unless it is set",
		Anchors: []string{"CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56", "CKV2_AWS_6", "AWS-0086", "AWS-0087", "AWS-0091", "AWS-0093", "AWS-0094", "nag S2"},
		Types:   []string{typeBucket, typePublicBlock},
		Eval: eachBucket("whether the public is kept out", typePublicBlock, "has no public access block", func(v *verdict, block Resource) {
			for _, setting := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
				v.on(block.at(setting))
			}
			v.pass("the public is kept out")
		}),
	}
}

// s3Policy judges the documents that open a bucket.
func s3Policy() Rule {
	return Rule{
		ID: "s3-policy", Severity: High, Level: Mandatory,
		What:    "bucket policies refuse plain HTTP and let nobody in without a condition",
		Why:     "objects and signatures would cross the network in plain text, or any account could read them",
		Fix:     "add a Deny for aws:SecureTransport false, and bind every Allow to a principal or to aws:SourceArn",
		Anchors: []string{"CKV_AWS_70", "nag S10", "PC s3.Bucket"},
		Types:   []string{typeBucketPolicy},
		Eval: each("what the policy allows", func(_ Input, v *verdict, p Resource) {
			v.require(func(f *facts) string {
				refused := false
				for _, s := range f.statements(p.at("policy")) {
					if f.textOr(s.at("Effect"), "") == "Deny" {
						refused = refused || f.refusesPlain(s)
						continue
					}
					if f.anybody(s.at("Principal")) && s.at("Condition").Absent() {
						return sprintf("statement %s lets everybody in", f.textOr(s.at("Sid"), "without a name"))
					}
				}
				if !refused {
					return "no statement refuses plain HTTP"
				}
				return ""
			})
			v.pass("plain HTTP is refused, nobody is let in without a condition")
		}, typeBucketPolicy),
	}
}

func (f *facts) refusesPlain(s leaf) bool {
	secure := s.at("Condition.Bool").key("aws:SecureTransport")
	if secure.kind == boolean {
		// IAM takes a truth value as well as its text.
		secure.Value = Text(show(secure))
	}
	return f.anybody(s.at("Principal")) && slices.Contains(f.texts(secure), "false")
}

// anybody says that a principal is everyone.
func (f *facts) anybody(principal leaf) bool {
	if principal.kind == text {
		return f.textOr(principal, "") == "*"
	}
	return slices.Contains(f.texts(principal.at("AWS")), "*")
}
