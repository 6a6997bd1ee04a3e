package rules

import (
	"fmt"
	"slices"
)

// poolUnlimited prevents the setting that looks like none and means all:
// SQLAlchemy reads pool_size 0 and max_overflow -1 as no limit, and then every
// connection budget is void.
func poolUnlimited() Rule {
	return Rule{
		ID: "pool-unlimited", Severity: Critical, Level: Mandatory,
		What:    "no connection pool is unlimited",
		Why:     "SQLAlchemy reads DB_POOL_SIZE=0 and DB_MAX_OVERFLOW=-1 as no limit, so one slow query can take every connection",
		Fix:     "set headroom:services.<name>.pool.size of at least 1 and pool.maxOverflow of at least 0",
		Anchors: []string{"S1"},
		Types:   append([]string{typeConfigMap}, podTypes...),
		Eval: func(m Input) []Finding {
			var all []Finding
			for _, c := range m.of(typeConfigMap) {
				f, data := &facts{}, c.at("data")
				f.readable(data)
				all = append(all, judgePool(c, f, []leaf{data.key(envPoolSize)}, []leaf{data.key(envMaxOverflow)})...)
			}
			for _, w := range m.of(podTypes...) {
				f := &facts{}
				containers := f.containers(w)
				sizes, overflows := f.literals(containers, envPoolSize), f.literals(containers, envMaxOverflow)
				all = append(all, judgePool(w, f, sizes, overflows)...)
			}
			return all
		},
	}
}

// literals are the values that containers give a variable themselves.
func (f *facts) literals(containers []leaf, name string) []leaf {
	var found []leaf
	for _, c := range containers {
		for _, v := range f.list(c.at("env")) {
			if f.textOr(v.at("name"), "") == name {
				found = append(found, v.at("value"))
			}
		}
	}
	return found
}

// judgePool has no opinion on a resource that names no pool.
func judgePool(r Resource, f *facts, sizes, overflows []leaf) []Finding {
	if f.complete() && !slices.ContainsFunc(slices.Concat(sizes, overflows), func(l leaf) bool { return !l.Absent() }) {
		return nil
	}
	var faults []string
	for _, size := range sizes {
		if n, ok := f.number(size); ok && n <= 0 {
			faults = append(faults, fmt.Sprintf("%s = %g means no limit", envPoolSize, n))
		}
	}
	for _, overflow := range overflows {
		if n, _ := f.number(overflow); n < 0 {
			faults = append(faults, fmt.Sprintf("%s = %g means no limit", envMaxOverflow, n))
		}
	}
	return []Finding{decide(r, f, "whether the pool is bounded", faults, "the pool is bounded")}
}
