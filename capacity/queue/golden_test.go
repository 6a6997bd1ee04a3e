package queue

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mmc is M/M/c at utilization rho with μ = 20/s, the station of the golden
// table.
func mmc(c int, rho float64) Station {
	return Station{Servers: c, Arrival: rho * float64(c) * 20, Service: 0.05, ArrivalCV2: 1, ServiceCV2: 1}
}

// TestGoldenTable holds the table of two independent evaluations: mean wait and
// p99 of the response time, in milliseconds.
func TestGoldenTable(t *testing.T) {
	want := map[string][4]string{
		"1": {"50.000/460.52", "116.667/767.53", "200.000/1151.29", "450.000/2302.59"},
		"2": {"16.667/283.30", "48.039/413.28", "88.889/596.87", "213.158/1167.22"},
		"4": {"4.348/238.21", "17.861/274.63", "37.277/344.66", "98.469/609.66"},
		"8": {"0.738/231.23", "5.638/239.08", "14.301/257.61", "43.846/354.37"},
	}
	got := map[string][4]string{}
	for _, c := range []int{1, 2, 4, 8} {
		var row [4]string
		for i, rho := range []float64{0.5, 0.7, 0.8, 0.9} {
			s := mmc(c, rho)
			row[i] = fmt.Sprintf("%.3f/%.2f", 1000*s.MeanWait(), 1000*s.SojournQuantile(0.99))
		}
		got[fmt.Sprint(c)] = row
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mean wait / p99 in ms, rows c, columns ρ = .5 .7 .8 .9: -want, +got:\n%s", diff)
	}
}

func TestErlang(t *testing.T) {
	cases := map[string]struct {
		reason string
		got    float64
		want   string
	}{
		"C4Half":        {reason: "golden", got: ErlangC(4, 2), want: "0.17391"},
		"C4":            {reason: "golden", got: ErlangC(4, 3.2), want: "0.59643"},
		"C8":            {reason: "golden", got: ErlangC(8, 6.4), want: "0.45764"},
		"C2":            {reason: "golden", got: ErlangC(2, 1.6), want: "0.71111"},
		"C1":            {reason: "one server waits with probability ρ", got: ErlangC(1, 0.3), want: "0.30000"},
		"B1":            {reason: "one server loses a/(1+a)", got: ErlangB(1, 3), want: "0.75000"},
		"BTable":        {reason: "textbook: 10 erlangs on 10 trunks lose 21.46 %", got: ErlangB(10, 10), want: "0.21458"},
		"BThousands":    {reason: "a = c: B ≈ √(2/πc), less a third of an order 1/c", got: ErlangB(10000, 10000), want: "0.00794"},
		"CThousands":    {reason: "50-digit decimal arithmetic gives 0.222784…", got: ErlangC(10000, 9900), want: "0.22278"},
		"CMillions":     {reason: "beyond the recurrence the limit itself", got: ErlangC(1<<24, 1<<24-1<<12), want: "0.22336"},
		"COverkill":     {reason: "the recurrence ends at underflow", got: ErlangC(100000, 10), want: "0.00000"},
		"CSaturated":    {reason: "everybody waits", got: ErlangC(4, 4), want: "1.00000"},
		"CIdle":         {reason: "nobody comes, nobody waits", got: ErlangC(4, 0), want: "0.00000"},
		"CNoServers":    {reason: "nonsense is saturation", got: ErlangC(0, 1), want: "1.00000"},
		"CNaN":          {reason: "nonsense is saturation", got: ErlangC(4, math.NaN()), want: "1.00000"},
		"BInfinite":     {reason: "nonsense loses everything", got: ErlangB(4, math.Inf(1)), want: "1.00000"},
		"BIdle":         {reason: "no load, no loss", got: ErlangB(4, 0), want: "0.00000"},
		"CManyOverkill": {reason: "the limit underflows to 0, not to NaN", got: ErlangC(1<<30, 1), want: "0.00000"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, fmt.Sprintf("%.5f", tc.got)); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestTextbook checks the general code against closed forms of special cases.
func TestTextbook(t *testing.T) {
	md1 := Station{Servers: 1, Arrival: 8, Service: 0.1, ArrivalCV2: 1}
	mg1 := Station{Servers: 1, Arrival: 8, Service: 0.1, ArrivalCV2: 1, ServiceCV2: 4}
	cases := map[string]struct {
		reason    string
		got, want float64
	}{
		"MM1Tail":      {reason: "P(T>t) = e^{−(μ−λ)t}", got: Station{1, 5, 0.1, 1, 1}.SojournTail(0.3), want: math.Exp(-5 * 0.3)},
		"MM1Quantile":  {reason: "its inverse", got: Station{1, 5, 0.1, 1, 1}.SojournQuantile(0.99), want: math.Log(100) / 5},
		"MM4Tail":      {reason: "the formula of the textbooks", got: mmc(4, 0.8).SojournTail(0.2), want: textbookTail(4, 64, 20, 0.2)},
		"MM2Equal":     {reason: "θ = μ has its own formula", got: mmc(2, 0.5).SojournTail(0.1), want: textbookTail(2, 20, 20, 0.1)},
		"MM8Slow":      {reason: "θ > μ", got: mmc(8, 0.3).SojournTail(0.1), want: textbookTail(8, 48, 20, 0.1)},
		"MD1Mean":      {reason: "Pollaczek–Khinchine, constant service", got: md1.MeanWait(), want: 0.8 * 0.1 / (2 * 0.2)},
		"MG1Mean":      {reason: "Pollaczek–Khinchine, cv² 4", got: mg1.MeanWait(), want: 0.8 * 0.1 / 0.2 * 2.5},
		"MD1Quantile":  {reason: "constant service shifts the wait", got: md1.SojournQuantile(0.99), want: 0.1 + md1.WaitQuantile(0.99)},
		"MD1Before":    {reason: "nobody is done before the constant service time", got: md1.SojournTail(0.099), want: 1},
		"NearConstant": {reason: "a cv² of 1e-7 is almost constant", got: Station{4, 30, 0.1, 1, 1e-7}.SojournQuantile(0.99), want: Station{4, 30, 0.1, 1, 0}.SojournQuantile(0.99)},
		"PS1":          {reason: "M/G/1-PS: E[S]/(1−ρ)", got: mg1.PSMean(), want: 0.1 / 0.2},
		"DD1":          {reason: "nothing varies, nobody waits", got: Station{Servers: 1, Arrival: 9, Service: 0.1}.SojournQuantile(0.999), want: 0.1},
		"OwnService":   {reason: "the station's own service is the ordinary response", got: mmc(4, 0.8).ResponseQuantile(0.99, 0.05, 1), want: mmc(4, 0.8).SojournQuantile(0.99)},
		"NoService":    {reason: "without service only the wait remains", got: mmc(4, 0.8).ResponseQuantile(0.99, 0, 1), want: mmc(4, 0.8).WaitQuantile(0.99)},
		"Lone":         {reason: "where nobody waits only the own service remains", got: mmc(4, 0).ResponseQuantile(0.99, 0.2, 1), want: 0.2 * math.Log(100)},
		"Idle":         {reason: "without load only service remains: exponential p99", got: Station{4, 0, 0.05, 1, 1}.SojournQuantile(0.99), want: 0.05 * math.Log(100)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tolerance := 1e-9
			if name == "NearConstant" {
				tolerance = 1e-3
			}
			if !(math.Abs(tc.got-tc.want) <= tolerance*tc.want) {
				t.Errorf("%s\nwant %.12g, got %.12g", tc.reason, tc.want, tc.got)
			}
		})
	}
}

// textbookTail is P(T > t) of M/M/c as printed in textbooks.
func textbookTail(c int, lambda, mu, t float64) float64 {
	wait := ErlangC(c, lambda/mu)
	theta := float64(c)*mu - lambda
	if theta == mu {
		return (1-wait)*math.Exp(-mu*t) + wait*math.Exp(-mu*t)*(1+mu*t)
	}
	return (1-wait)*math.Exp(-mu*t) + wait*(theta*math.Exp(-mu*t)-mu*math.Exp(-theta*t))/(theta-mu)
}
