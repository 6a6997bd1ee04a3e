package rules

import "fmt"

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
		env := c.at("env")
		if !f.readable(env) {
			continue
		}
		for _, v := range env.items() {
			if own := f.textOr(v.at("name"), ""); own == name && v.at("valueFrom").Absent() {
				found = append(found, v.at("value"))
			}
		}
	}
	return found
}

// judgePool has no opinion on a resource that names no pool.
func judgePool(r Resource, f *facts, sizes, overflows []leaf) []Finding {
	var faults []string
	named := !f.complete()
	for _, size := range sizes {
		named = named || !size.Absent()
		if n, ok := f.number(size); ok && n <= 0 {
			faults = append(faults, fmt.Sprintf("%s = %g means no limit", envPoolSize, n))
		}
	}
	for _, overflow := range overflows {
		named = named || !overflow.Absent()
		if n, ok := f.number(overflow); ok && n < 0 {
			faults = append(faults, fmt.Sprintf("%s = %g means no limit", envMaxOverflow, n))
		}
	}
	if !named {
		return nil
	}
	return []Finding{decide(r, f, "whether the pool is bounded", faults, "the pool is bounded")}
}
