package exporters

import "fmt"

// CloudWatchFile is the configuration of the CloudWatch exporter
// (github.com/prometheus-community/yet-another-cloudwatch-exporter docs/configuration.md, v0.67.0).
type CloudWatchFile struct {
	APIVersion string          `json:"apiVersion"`
	Static     []CloudWatchJob `json:"static"`
}

// CloudWatchJob asks for metrics of one thing, which is named: nothing is
// searched for, and no right to search is needed.
type CloudWatchJob struct {
	Name       string             `json:"name"`
	Namespace  string             `json:"namespace"`
	Regions    []string           `json:"regions"`
	Dimensions []Dimension        `json:"dimensions"`
	Metrics    []CloudWatchMetric `json:"metrics"`
}

// Dimension of a metric.
type Dimension struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// CloudWatchMetric with the statistic that alerts and dashboards read.
type CloudWatchMetric struct {
	Name       string   `json:"name"`
	Statistics []string `json:"statistics"`
	Period     int      `json:"period"`
	Length     int      `json:"length"`
}

// cloudWatchSeconds between questions: CloudWatch bills every metric asked for,
// and an alert waits for ten minutes anyway.
const cloudWatchSeconds = 300

// The metrics, by their namespace. A list that is short is a bill that is.
var (
	rdsMetrics = []string{"CPUUtilization", "ReadIOPS", "WriteIOPS", "FreeStorageSpace", "FreeableMemory"}
	// creditMetric only burstable classes have.
	creditMetric = "CPUCreditBalance"
)

// NewCloudWatchFile asks for the database and the distribution, as far as they are there.
func NewCloudWatchFile(region, database string, burstable bool, distribution string) CloudWatchFile {
	f := CloudWatchFile{APIVersion: "v1alpha1"}
	if database != "" {
		names := rdsMetrics
		if burstable {
			names = append(names[:len(names):len(names)], creditMetric)
		}
		f.Static = append(f.Static, CloudWatchJob{Name: "database", Namespace: "AWS/RDS", Regions: []string{region},
			Dimensions: []Dimension{{"DBInstanceIdentifier", database}}, Metrics: averages(names)})
	}
	if distribution != "" {
		// All metrics of CloudFront live in us-east-1
		// (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html, 2026-11).
		f.Static = append(f.Static, CloudWatchJob{Name: "media", Namespace: "AWS/CloudFront", Regions: []string{"us-east-1"},
			Dimensions: []Dimension{{"DistributionId", distribution}, {"Region", "Global"}},
			Metrics:    []CloudWatchMetric{statistic("5xxErrorRate", "Average"), statistic("Requests", "Sum")}})
	}
	return f
}

func averages(names []string) []CloudWatchMetric {
	var out []CloudWatchMetric
	for _, name := range names {
		out = append(out, statistic(name, "Average"))
	}
	return out
}

func statistic(name, statistic string) CloudWatchMetric {
	return CloudWatchMetric{Name: name, Statistics: []string{statistic}, Period: cloudWatchSeconds, Length: cloudWatchSeconds}
}

// CloudWatchArgs are the flags of the CloudWatch exporter.
func CloudWatchArgs(file string) []string {
	return []string{"--config.file=" + file, "--listen-address=:5000", fmt.Sprintf("--scraping-interval=%d", cloudWatchSeconds)}
}
