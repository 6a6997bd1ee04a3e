package queue

import (
	"fmt"
	"testing"
)

var sink float64

func BenchmarkErlangC(b *testing.B) {
	for _, c := range []int{4, 100, 5000, 100000} {
		b.Run(fmt.Sprint(c), func(b *testing.B) {
			for b.Loop() {
				sink = ErlangC(c, 0.99*float64(c))
			}
		})
	}
}

func BenchmarkSojournQuantile(b *testing.B) {
	for _, cv2 := range []float64{0.01, 0.5, 1, 4} {
		for _, c := range []int{4, 1000} {
			b.Run(fmt.Sprintf("c=%d/cv2=%v", c, cv2), func(b *testing.B) {
				s := Station{Servers: c, Arrival: 0.9 * float64(c), Service: 1, ArrivalCV2: 1, ServiceCV2: cv2}
				for b.Loop() {
					sink = s.SojournQuantile(0.99)
				}
			})
		}
	}
}

func BenchmarkMaxUtilization(b *testing.B) {
	for b.Loop() {
		sink = MaxUtilization(4, 0.05, 1.2, 0.99, 0.4)
	}
}

func BenchmarkSmallestServers(b *testing.B) {
	for b.Loop() {
		sink = float64(SmallestServers(4000, 0.02, 1, 0.99, 0.005))
	}
}
