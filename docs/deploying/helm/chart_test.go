// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package helm tests the chart: it has no code of its own.
package helm

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

const folder = "headcount"

// Helm's own linter finds nothing to warn of.
func TestLint(t *testing.T) {
	result := lint.All(folder, gateway(t), "usage", true)
	for _, message := range result.Messages {
		assert.Less(t, message.Severity, support.WarningSev, "%s", message)
	}
}

// A gateway is whole by itself, and what it is configured with is what the program takes.
func TestGateway(t *testing.T) {
	objects := rendered(t, loaded(t, folder), gateway(t))
	config := find[*corev1.ConfigMap](t, objects)
	pod := find[*appsv1.Deployment](t, objects).Spec.Template.Spec
	require.Len(t, pod.Containers, 1)
	assert.Equal(t, int64(65532), *pod.SecurityContext.FSGroup)
	hardened(t, pod.Containers[0])
	mounts(t, pod, config.Name, find[*corev1.PersistentVolumeClaim](t, objects).Name)
	validates(t, config.Data["site.yaml"])
}

// An application's chart takes the sidecar into a pod of its own.
func TestSidecar(t *testing.T) {
	site := loaded(t, "testdata/site")
	site.AddDependency(loaded(t, folder))
	objects := rendered(t, site, nil)
	config := find[*corev1.ConfigMap](t, objects)
	set := find[*appsv1.StatefulSet](t, objects).Spec
	pod := set.Template.Spec
	require.Len(t, pod.InitContainers, 1)
	assert.Equal(t, corev1.ContainerRestartPolicyAlways, *pod.InitContainers[0].RestartPolicy)
	assert.Equal(t, find[*corev1.Secret](t, objects).Name, pod.InitContainers[0].Env[1].ValueFrom.SecretKeyRef.Name)
	hardened(t, pod.InitContainers[0])
	require.Len(t, set.VolumeClaimTemplates, 1)
	pod.Volumes = append(pod.Volumes, corev1.Volume{Name: set.VolumeClaimTemplates[0].Name})
	mounts(t, pod, config.Name, "")
	validates(t, config.Data["site.yaml"], "app:sql-explorer")
}

// Where the cluster chooses the user, nothing here names one.
func TestAUserOfTheCluster(t *testing.T) {
	values := gateway(t)
	values["user"] = nil
	pod := find[*appsv1.Deployment](t, rendered(t, loaded(t, folder), values)).Spec.Template.Spec
	assert.Nil(t, pod.SecurityContext)
	assert.Nil(t, pod.Containers[0].SecurityContext.RunAsUser)
	assert.True(t, *pod.Containers[0].SecurityContext.RunAsNonRoot)
}

// A mistake in the values is said with its key.
func TestMistakes(t *testing.T) {
	for says, change := range map[string]func(map[string]any){
		"mode":                              func(v map[string]any) { v["mode"] = "daemonset" },
		"'replicas' not allowed":            func(v map[string]any) { v["replicas"] = 2 },
		"storage":                           func(v map[string]any) { v["storage"] = map[string]any{"size": "much"} },
		"user":                              func(v map[string]any) { v["user"] = 0 },
		"'recievers' not allowed":           func(v map[string]any) { v["config"].(map[string]any)["recievers"] = map[string]any{} },
		"config.exporters.collect.endpoint": func(v map[string]any) { delete(v["config"].(map[string]any), "exporters") },
	} {
		values := gateway(t)
		change(values)
		_, err := render(loaded(t, folder), values)
		assert.ErrorContains(t, err, says)
	}
}

func gateway(t *testing.T) map[string]any {
	t.Helper()
	values, err := chartutil.ReadValuesFile("testdata/gateway.yaml")
	require.NoError(t, err)
	return values
}

func loaded(t *testing.T, folder string) *chart.Chart {
	t.Helper()
	c, err := loader.LoadDir(folder)
	require.NoError(t, err)
	return c
}

func render(c *chart.Chart, values map[string]any) (map[string]string, error) {
	if err := chartutil.ProcessDependencies(c, values); err != nil {
		return nil, err
	}
	all, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "usage", Namespace: "shop", Revision: 1, IsInstall: true}, nil)
	if err != nil {
		return nil, err
	}
	return engine.Render(c, all)
}

// rendered are the objects, each with the fields of its kind and no other.
func rendered(t *testing.T, c *chart.Chart, values map[string]any) (objects []runtime.Object) {
	t.Helper()
	files, err := render(c, values)
	require.NoError(t, err)
	strict := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	for name, file := range files {
		for _, document := range strings.Split(file, "\n---\n") {
			if filepath.Ext(name) != ".yaml" || strings.TrimSpace(document) == "" {
				continue
			}
			object, _, err := strict.Decode([]byte(document), nil, nil)
			require.NoError(t, err, "%s:\n%s", name, document)
			objects = append(objects, object)
		}
	}
	return objects
}

func find[T runtime.Object](t *testing.T, objects []runtime.Object) (found T) {
	t.Helper()
	count := 0
	for _, object := range objects {
		if is, ok := object.(T); ok {
			found = is
			count++
		}
	}
	require.Equal(t, 1, count, "%T", found)
	return found
}

func hardened(t *testing.T, container corev1.Container) {
	t.Helper()
	security := container.SecurityContext
	assert.True(t, *security.RunAsNonRoot && *security.ReadOnlyRootFilesystem && !*security.AllowPrivilegeEscalation)
	assert.Equal(t, []corev1.Capability{"ALL"}, security.Capabilities.Drop)
	assert.Equal(t, "registry.example.com/headcount:0.1.0", container.Image)
}

// mounts tells whether each mount of ours has its volume, and each volume what it names.
func mounts(t *testing.T, pod corev1.PodSpec, config, claim string) {
	t.Helper()
	volumes := map[string]bool{}
	for _, volume := range pod.Volumes {
		volumes[volume.Name] = true
		if volume.ConfigMap != nil {
			assert.Equal(t, config, volume.ConfigMap.Name)
		}
		if volume.PersistentVolumeClaim != nil {
			assert.Equal(t, claim, volume.PersistentVolumeClaim.ClaimName)
		}
	}
	for _, container := range append(pod.InitContainers, pod.Containers...) {
		for _, mount := range container.VolumeMounts {
			assert.True(t, volumes[mount.Name], mount.Name)
		}
	}
}

// validates asks the program itself.
func validates(t *testing.T, config string, profiles ...string) {
	t.Helper()
	program, err := filepath.Abs("../../../_build/headcount")
	require.NoError(t, err)
	if _, err := os.Stat(program); err != nil {
		t.Log("SKIP: the program is not built, so it is not asked: make build")
		return
	}
	require.NoError(t, yaml.Unmarshal([]byte(config), &map[string]any{}))
	file := filepath.Join(t.TempDir(), "site.yaml")
	require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
	arguments := []string{"validate"}
	for _, from := range append(profiles, "file:"+file) {
		arguments = append(arguments, "--config", from)
	}
	command := exec.Command(program, arguments...)
	command.Env = []string{"HEADCOUNT_STATE_DIR=" + t.TempDir(), "DATABASE_URL=postgres://headcount@127.0.0.1/site"}
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.NotContains(t, string(out), "warning", "%s", config)
}
