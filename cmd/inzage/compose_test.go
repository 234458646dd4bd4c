package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"

	"inzage/config"
)

// compose reads docker-compose.yml as the Compose specification does.
func compose(t *testing.T) *types.Project {
	t.Helper()
	top, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(top, "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{WorkingDir: top, ConfigFiles: []types.ConfigFile{{Filename: "docker-compose.yml", Content: data}}},
		func(o *loader.Options) { o.SetProjectName("inzage", true) })
	if err != nil {
		t.Fatalf("docker-compose.yml: %v", err)
	}
	return p
}

// TestComposeFile parses and validates the file; no engine runs it here.
func TestComposeFile(t *testing.T) {
	p := compose(t)
	for _, name := range []string{"portal-1", "portal-2", "mongo", "mail", "front", "init", "secrets"} {
		if _, ok := p.Services[name]; !ok {
			t.Errorf("there is no service %s", name)
		}
	}
	for _, name := range []string{"portal-1", "portal-2", "mongo", "mail"} {
		if s := p.Services[name]; s.HealthCheck == nil || len(s.HealthCheck.Test) == 0 {
			t.Errorf("%s has no health check", name)
		}
	}
	for _, s := range p.Services {
		for dep := range s.DependsOn {
			if _, ok := p.Services[dep]; !ok {
				t.Errorf("%s depends on %s, which is not there", s.Name, dep)
			}
		}
		for _, v := range s.Volumes {
			if _, ok := p.Volumes[v.Source]; v.Type == types.VolumeTypeVolume && !ok {
				t.Errorf("%s mounts the volume %s, which is not there", s.Name, v.Source)
			}
		}
	}
	for _, name := range []string{"portal-1", "portal-2"} {
		if s := p.Services[name]; !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") {
			t.Errorf("%s may write to its file system or keeps capabilities", name)
		}
	}
	if cmd := strings.Join(p.Services["mongo"].Command, " "); !strings.Contains(cmd, "--replSet") || !strings.Contains(cmd, "--keyFile") {
		t.Errorf("mongo runs as %q, want a replica set with a key file", cmd)
	}
}

// TestComposeSettings holds the file's settings to the table that reads them.
func TestComposeSettings(t *testing.T) {
	dir := t.TempDir()
	uri := filepath.Join(dir, "uri")
	if err := os.WriteFile(uri, []byte("mongodb://inzage:x@mongo:27017/inzage?replicaSet=rs0&authSource=admin&tls=false"), 0o600); err != nil {
		t.Fatal(err)
	}
	var env []string
	for name, value := range compose(t).Services["portal-1"].Environment {
		if name == "INZAGE_STORE_FILE" {
			env = append(env, name+"="+uri)
		} else if value != nil {
			env = append(env, name+"="+*value)
		}
	}
	c, err := config.Load(nil, env)
	if err != nil {
		t.Fatalf("settings of the portal: %v", err)
	}
	if err := servable(c); err != nil {
		t.Errorf("the portal would not serve: %v", err)
	}
}
