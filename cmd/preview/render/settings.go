package render

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// settings writes a service's environment for those who set it without a
// ConfigMap, and for the backend a module that reads it.
func (r *renderer) settings(service string, configMap map[string]any) {
	env := map[string]string{}
	if data, ok := configMap["data"].(map[string]any); ok {
		for k, v := range data {
			env[k] = fmt.Sprint(v)
		}
	}
	r.files["env/"+service+".env"] = []byte(envFile(env))
	if service == "backend" {
		r.files["backend/core/headroom_settings.py"] = []byte(pythonModule(env))
	}
}

func envFile(env map[string]string) string {
	var out strings.Builder
	for _, k := range slices.Sorted(maps.Keys(env)) {
		out.WriteString(k + "=" + env[k] + "\n")
	}
	return out.String()
}

// setting is one typed setting of the module.
type setting struct{ env, field, kind, value string }

var (
	whole    = regexp.MustCompile(`^-?[0-9]+$`)
	fraction = regexp.MustCompile(`^-?[0-9]+\.[0-9]+$`)
)

func typed(env map[string]string) []setting {
	list := make([]setting, 0, len(env))
	for _, k := range slices.Sorted(maps.Keys(env)) {
		s := setting{env: k, field: strings.ToLower(k), kind: "str", value: strconv.QuoteToASCII(env[k])}
		switch v := env[k]; {
		case whole.MatchString(v):
			s.kind, s.value = "int", v
		case fraction.MatchString(v):
			s.kind, s.value = "float", v
		}
		list = append(list, s)
	}
	return list
}

// engineOptions are the settings SQLAlchemy's create_engine takes.
var engineOptions = map[string]string{
	"DB_POOL_SIZE": "pool_size", "DB_MAX_OVERFLOW": "max_overflow",
	"DB_POOL_TIMEOUT": "pool_timeout", "DB_POOL_RECYCLE": "pool_recycle",
}

// cacheOptions are the settings redis-py's BlockingConnectionPool takes.
var cacheOptions = map[string]string{
	"REDIS_MAX_CONNECTIONS": "max_connections", "REDIS_POOL_TIMEOUT": "timeout",
	"REDIS_SOCKET_TIMEOUT": "socket_timeout", "REDIS_CONNECT_TIMEOUT": "socket_connect_timeout",
}

// pythonModule is a settings module with the proven values as defaults. The
// environment still wins, and a value that does not parse is refused with the
// name of the variable.
func pythonModule(env map[string]string) string {
	list := typed(env)
	var fields, loads, options, cache strings.Builder
	for _, s := range list {
		fmt.Fprintf(&fields, "    %s: %s = %s\n", s.field, s.kind, s.value)
		fmt.Fprintf(&loads, "        %s=_read(source, %q, %s, defaults.%s),\n", s.field, s.env, s.kind, s.field)
		if option, ok := engineOptions[s.env]; ok {
			fmt.Fprintf(&options, "            %q: self.%s,\n", option, s.field)
		}
		if option, ok := cacheOptions[s.env]; ok {
			fmt.Fprintf(&cache, "            %q: self.%s,\n", option, s.field)
		}
	}
	if len(list) == 0 {
		fields.WriteString("    pass\n")
	}
	return fmt.Sprintf(pythonTemplate, fields.String(), options.String(), cache.String(), loads.String())
}

const pythonTemplate = `"""Settings Headroom proved for this service.

Rendered: run the preview with --render again instead of editing. The defaults
are the values the plan was checked with; the environment overrides them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class HeadroomSettings:
    """One field per environment variable, in lower case."""

%s
    def engine_options(self) -> dict[str, int | float | str]:
        """Keyword arguments for SQLAlchemy's create_engine."""
        return {
%s        }

    def cache_options(self) -> dict[str, int | float | str]:
        """Keyword arguments for redis.asyncio.BlockingConnectionPool.

        The pool is bounded and waits; when it raises, go on without the cache.
        """
        return {
%s        }


def _read(source: Mapping[str, str], name: str, parse: Callable[[str], T], default: T) -> T:
    raw = source.get(name)
    if raw is None or raw == "":
        return default
    try:
        return parse(raw)
    except ValueError as error:
        raise ValueError(f"{name} = {raw!r}: must be a {parse.__name__}") from error


def load(environ: Mapping[str, str] | None = None) -> HeadroomSettings:
    """Read the environment, falling back to the proven values."""
    source = os.environ if environ is None else environ
    defaults = HeadroomSettings()
    return HeadroomSettings(
%s    )


settings = load()
`
