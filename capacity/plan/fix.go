package plan

func (in input) fix(Check) string { return "" }
