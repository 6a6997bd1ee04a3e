// Package database declares the PostgreSQL instance of a stack, with its
// parameters and network, and the PgBouncer in front of it.
package database

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

const typeToken = "headroom:database:Database"

// Args are what a database is made of.
type Args struct {
	// Cluster gives the network: subnets, nodes' security group, namespace.
	Cluster spec.Cluster
	// Spec is the database of the stack file, Plan what the plan derived for it.
	Spec spec.Database
	Plan plan.Database
	// Password of the database in the cluster of a local stack; RDS makes its own.
	Password pulumi.StringInput
	// Protect keeps Pulumi and RDS from deleting the instance.
	Protect bool
	// Exporter runs beside every PgBouncer, with what the plan counted for it; nil
	// for none.
	Exporter *spec.Exporter
	Beside   plan.Workload
}

// Database is the PostgreSQL instance that the services share. For an external
// one it only knows the host.
type Database struct {
	pulumi.ResourceState

	// Host and Port that services connect to: the pooler's where there is one.
	Host pulumi.StringOutput `pulumi:"host"`
	Port pulumi.IntOutput    `pulumi:"port"`
	// ServerHost is that of the database itself, for migrations.
	ServerHost pulumi.StringOutput `pulumi:"serverHost"`
	// ID is the identifier of the RDS instance; empty when there is none.
	ID pulumi.StringOutput `pulumi:"instanceId"`
	// SecretARN of the master password that RDS keeps; empty when external.
	SecretARN pulumi.StringOutput `pulumi:"secretArn"`
}

// New declares a database.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Database, error) {
	s := server{name: name, Args: args}
	if err := s.validate(); err != nil {
		return nil, err
	}
	d := &Database{}
	if err := ctx.RegisterComponentResourceV2(typeToken, name, s.recorded(), d, opts...); err != nil {
		return nil, fmt.Errorf("database %s: %w", name, err)
	}
	s, err := s.read(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := s.serve(ctx, d); err != nil {
		return nil, err
	}
	if err := s.pool(ctx, d); err != nil {
		return nil, err
	}
	return d, ctx.RegisterResourceOutputs(d, d.outputs())
}

func (d *Database) outputs() pulumi.Map {
	return pulumi.Map{"host": d.Host, "port": d.Port, "serverHost": d.ServerHost, "secretArn": d.SecretARN, "instanceId": d.ID}
}

// server is a database with its name.
type server struct {
	Args
	name string
	// live and liveGroup are what is adopted; nil where nothing is, or where the
	// group is one that nobody can change.
	live      *rds.LookupInstanceResult
	liveGroup *rds.LookupParameterGroupResult
}

// recorded are the decisions that the state keeps for policies and audits.
func (s server) recorded() pulumi.Map {
	return pulumi.Map{
		"mode": pulumi.String(s.Spec.Mode), "pooler": pulumi.String(s.Spec.Pooler),
		"instanceClass":  pulumi.String(s.Spec.InstanceClass),
		"maxConnections": pulumi.Int(s.Plan.MaxConnections), "usableConnections": pulumi.Int(s.Plan.UsableConnections),
		"otherConnections": pulumi.Int(s.Plan.OtherConnections),
	}
}

// serve declares the instance, or points at the external one.
func (s server) serve(ctx *pulumi.Context, d *Database) error {
	if s.inCluster() {
		return s.serveInCluster(ctx, d)
	}
	if s.Spec.Mode == spec.External {
		d.ServerHost, d.SecretARN = pulumi.String(s.Spec.Host).ToStringOutput(), pulumi.String("").ToStringOutput()
		d.ID = pulumi.String(s.Spec.ID).ToStringOutput()
		d.Host, d.Port = d.ServerHost, pulumi.Int(s.Spec.Port).ToIntOutput()
		return nil
	}
	parameters, err := s.parameterGroup(ctx, d)
	if err != nil {
		return err
	}
	network, err := s.network(ctx, d)
	if err != nil {
		return err
	}
	instance, err := s.instance(ctx, d, parameters, network)
	if err != nil {
		return err
	}
	d.ServerHost, d.SecretARN, d.ID = instance.Address, masterSecret(instance), instance.Identifier
	d.Host, d.Port = d.ServerHost, instance.Port
	return nil
}

// pool declares PgBouncer and sends the services to it.
func (s server) pool(ctx *pulumi.Context, d *Database) error {
	if s.Spec.Pooler != spec.PgBouncerPooler {
		return nil
	}
	b := bouncer{server: s}
	service, err := b.declare(ctx, d)
	if err != nil {
		return err
	}
	d.Host, d.Port = service.Metadata.Name().Elem(), pulumi.Int(bouncerPort).ToIntOutput()
	return nil
}
