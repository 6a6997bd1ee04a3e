// Package chart is the geometry of small line charts: paths for an SVG that is
// stretched to its place, and labels with their positions in percent, so that text
// keeps its size at any width.
package chart

import (
	"fmt"
	"math"
	"strings"
)

// Width and Height of the coordinates of a path; y points down.
const (
	Width  = 1000
	Height = 200
)

// Chart is what there is to draw.
type Chart struct {
	// X of every value, from 0 to 1.
	X []float64
	// Series in the order of drawing.
	Series []Series
	// Limits are horizontal lines.
	Limits []Limit
	// Top of the axis; values above it are drawn on it. 0 takes the largest value
	// or limit.
	Top float64
	// Alarm marks slices over the whole height; AlarmName is for the legend.
	Alarm     []bool
	AlarmName string
}

// Series is a line, or the area between two.
type Series struct {
	// Name in the legend, Class of the element.
	Name, Class string
	// Y of every X; NaN leaves a gap.
	Y []float64
	// Base of an area; nil draws a line.
	Base []float64
}

// Limit is a horizontal line with words to it.
type Limit struct {
	Y     float64
	Label string
}

// Drawing is a chart ready for a page. Positions are percent from the bottom.
type Drawing struct {
	Shapes []Shape
	Limits []Label
	Ticks  []Label
	// Clipped is true when a value lies above the axis.
	Clipped bool
}

// Shape is one path.
type Shape struct {
	Name, Class, Path string
	Area              bool
}

// Label is a text at a place.
type Label struct {
	At   float64
	Text string
	// Y is the place in the coordinates of a path.
	Y float64
}

// Draw lays the chart out.
func (c Chart) Draw() Drawing {
	largest := c.largest()
	top := c.Top
	if top <= 0 {
		top = math.Max(largest, c.highest())
	}
	if top <= 0 {
		top = 1
	}
	ticks := Ticks(top, 4)
	if c.Top <= 0 {
		top = ticks[len(ticks)-1]
	}
	d := Drawing{Clipped: largest > top}
	for _, y := range ticks {
		if y <= top {
			d.Ticks = append(d.Ticks, label(y, top, Compact(y)))
		}
	}
	for _, l := range c.Limits {
		if l.Y <= top {
			d.Limits = append(d.Limits, label(l.Y, top, l.Label))
		}
	}
	if path := c.alarm(); path != "" {
		d.Shapes = append(d.Shapes, Shape{Name: c.AlarmName, Class: "alarm", Path: path, Area: true})
	}
	for _, s := range c.Series {
		d.Shapes = append(d.Shapes, Shape{s.Name, s.Class, c.path(s, top), s.Base != nil})
	}
	return d
}

func label(y, top float64, text string) Label {
	return Label{At: 100 * y / top, Text: text, Y: Height * (1 - y/top)}
}

// largest value.
func (c Chart) largest() float64 {
	most := 0.0
	for _, s := range c.Series {
		for _, y := range s.Y {
			if y > most && !math.IsInf(y, 1) {
				most = y
			}
		}
	}
	return most
}

// highest limit.
func (c Chart) highest() float64 {
	most := 0.0
	for _, l := range c.Limits {
		most = math.Max(most, l.Y)
	}
	return most
}

// path of a line with its gaps, or of an area, which has none.
func (c Chart) path(s Series, top float64) string {
	var b strings.Builder
	point := func(verb string, i int, y float64) {
		y = math.Max(0, math.Min(y, top))
		fmt.Fprintf(&b, "%s%s %s", verb, short(Width*c.X[i]), short(Height*(1-y/top)))
	}
	verb := "M"
	for i, y := range s.Y {
		if math.IsNaN(y) {
			verb = "M"
			continue
		}
		point(verb, i, y)
		verb = "L"
	}
	if s.Base != nil && b.Len() > 0 {
		for i := len(s.Base) - 1; i >= 0; i-- {
			point("L", i, s.Base[i])
		}
		b.WriteString("Z")
	}
	return b.String()
}

// alarm is a bar over every run of marked slices, at least a hair wide.
func (c Chart) alarm() string {
	var b strings.Builder
	for i := 0; i < len(c.Alarm); i++ {
		if !c.Alarm[i] {
			continue
		}
		from := 0.0
		if i > 0 {
			from = c.X[i-1]
		}
		for i+1 < len(c.Alarm) && c.Alarm[i+1] {
			i++
		}
		to := math.Max(c.X[i], from+2.0/Width)
		fmt.Fprintf(&b, "M%s 0H%sV%dH%sZ", short(Width*from), short(Width*to), Height, short(Width*from))
	}
	return b.String()
}

// short is a coordinate with one decimal at most.
func short(x float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0")
}
