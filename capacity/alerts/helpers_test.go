package alerts

func flat(groups []Group) []Alert {
	var out []Alert
	for _, g := range groups {
		out = append(out, g.Alerts...)
	}
	return out
}
