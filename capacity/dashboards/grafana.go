package dashboards

import (
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// width of the grid, and the size of a panel on it.
const (
	width, across, height = 24, 3, 8
)

// source is the variable that chooses a Prometheus; it works with any that has the
// data, whatever its uid.
const source = "datasource"

// JSON is the dashboard as Grafana loads it. The same dashboard is the same text.
func (d Dashboard) JSON(stack string) ([]byte, error) {
	b := dashboard.NewDashboardBuilder(d.Title).Uid("headroom-"+stack+"-"+d.Name).
		Tags([]string{"headroom", stack}).Readonly().Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Time("now-6h", "now").Refresh("30s").Timezone("browser").
		WithVariable(dashboard.NewDatasourceVariableBuilder(source).Label("Prometheus").Type("prometheus"))
	for _, row := range d.Rows {
		b.WithRow(dashboard.NewRowBuilder(row.Title))
		for _, p := range row.Panels {
			b.WithPanel(p.build())
		}
	}
	built, err := b.Build()
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", d.Name, err)
	}
	text, err := json.MarshalIndent(built, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", d.Name, err)
	}
	return append(text, '\n'), nil
}

// build makes a panel of the kind that fits.
func (p Panel) build() cog.Builder[dashboard.Panel] {
	if p.Table {
		return p.table()
	}
	return p.chart()
}

func (p Panel) chart() *timeseries.PanelBuilder {
	b := timeseries.NewPanelBuilder().Title(p.Title).Description(p.About).Unit(p.Unit).Datasource(prometheusRef()).
		Height(height).Span(width / across).Min(0).LineWidth(1).FillOpacity(5).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	for i, q := range p.Queries {
		b.WithTarget(prometheus.NewDataqueryBuilder().Expr(q.Expr).LegendFormat(q.Legend).RefId(refID(i)).Range())
	}
	if p.Limit != nil {
		b.Thresholds(line(*p.Limit)).ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeLine))
	}
	return b
}

func (p Panel) table() *table.PanelBuilder {
	b := table.NewPanelBuilder().Title(p.Title).Description(p.About).Unit(p.Unit).Datasource(prometheusRef()).Height(height).Span(width / across).
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{"sum"}))
	for i, q := range p.Queries {
		b.WithTarget(prometheus.NewDataqueryBuilder().Expr(q.Expr).RefId(refID(i)).Instant().Format(prometheus.PromQueryFormatTable))
	}
	return b
}

// line draws the plan's limit in red.
func line(limit float64) *dashboard.ThresholdsConfigBuilder {
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).
		Steps([]dashboard.Threshold{{Color: "transparent"}, {Value: &limit, Color: "red"}})
}

func prometheusRef() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${" + source + "}")}
}

// refID of a query: A, B, C.
func refID(i int) string { return string(rune('A' + i)) }
