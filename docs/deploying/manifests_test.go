// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package deploying

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// kinds are those that the manifests use, as Kubernetes itself declares them.
var kinds = map[metav1.TypeMeta]func() any{
	{APIVersion: "v1", Kind: "ConfigMap"}:                       func() any { return &corev1.ConfigMap{} },
	{APIVersion: "v1", Kind: "PersistentVolumeClaim"}:           func() any { return &corev1.PersistentVolumeClaim{} },
	{APIVersion: "v1", Kind: "Secret"}:                          func() any { return &corev1.Secret{} },
	{APIVersion: "v1", Kind: "Service"}:                         func() any { return &corev1.Service{} },
	{APIVersion: "apps/v1", Kind: "Deployment"}:                 func() any { return &appsv1.Deployment{} },
	{APIVersion: "apps/v1", Kind: "StatefulSet"}:                func() any { return &appsv1.StatefulSet{} },
	{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"}: func() any { return &networkingv1.NetworkPolicy{} },
}

// Each manifest has the fields of its kind and no other, and what its pods mount and select is there.
func TestManifests(t *testing.T) {
	files, err := filepath.Glob("kubernetes/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			named := map[string]bool{} // "Kind/name" of each object
			var pods []corev1.PodTemplateSpec
			for _, document := range bytes.Split(text, []byte("\n---\n")) {
				var meta struct {
					metav1.TypeMeta
					metav1.ObjectMeta `json:"metadata"`
				}
				require.NoError(t, yaml.Unmarshal(document, &meta))
				make, known := kinds[meta.TypeMeta]
				require.True(t, known, "%v", meta.TypeMeta)
				object := make()
				require.NoError(t, yaml.UnmarshalStrict(document, object), "%s/%s", meta.Kind, meta.Name)
				require.NotEmpty(t, meta.Name)
				named[meta.Kind+"/"+meta.Name] = true
				switch object := object.(type) {
				case *appsv1.Deployment:
					assert.Equal(t, object.Spec.Selector.MatchLabels, object.Spec.Template.Labels)
					pods = append(pods, object.Spec.Template)
				case *appsv1.StatefulSet:
					assert.Equal(t, object.Spec.Selector.MatchLabels, object.Spec.Template.Labels)
					for _, claim := range object.Spec.VolumeClaimTemplates {
						volume := corev1.Volume{Name: claim.Name}
						object.Spec.Template.Spec.Volumes = append(object.Spec.Template.Spec.Volumes, volume)
					}
					pods = append(pods, object.Spec.Template)
				}
			}
			require.Len(t, pods, 1)
			hasWhatItNames(t, pods[0].Spec, named)
		})
	}
}

func hasWhatItNames(t *testing.T, pod corev1.PodSpec, named map[string]bool) {
	t.Helper()
	volumes := map[string]bool{}
	for _, volume := range pod.Volumes {
		volumes[volume.Name] = true
		if volume.ConfigMap != nil {
			assert.True(t, named["ConfigMap/"+volume.ConfigMap.Name], volume.ConfigMap.Name)
		}
		if volume.PersistentVolumeClaim != nil {
			assert.True(t, named["PersistentVolumeClaim/"+volume.PersistentVolumeClaim.ClaimName], volume.Name)
		}
	}
	ours := 0
	for _, container := range append(pod.InitContainers, pod.Containers...) {
		for _, mount := range container.VolumeMounts {
			assert.True(t, volumes[mount.Name], mount.Name)
		}
		for _, variable := range container.Env {
			if variable.ValueFrom != nil {
				assert.True(t, named["Secret/"+variable.ValueFrom.SecretKeyRef.Name], variable.Name)
			}
		}
		if container.Name != "headcount" {
			continue
		}
		ours++
		security := container.SecurityContext
		require.NotNil(t, security)
		assert.True(t, *security.RunAsNonRoot && *security.ReadOnlyRootFilesystem && !*security.AllowPrivilegeEscalation)
		assert.Equal(t, *pod.SecurityContext.FSGroup, *security.RunAsGroup, "the volume's group")
	}
	assert.Equal(t, 1, ours)
}

// The Containerfile is one that BuildKit understands, and ends as nobody in an image that holds nothing.
func TestContainerfile(t *testing.T) {
	text, err := os.ReadFile("container/Containerfile")
	require.NoError(t, err)
	parsed, err := parser.Parse(bytes.NewReader(text))
	require.NoError(t, err)
	assert.Empty(t, parsed.Warnings)
	stages, _, err := instructions.Parse(parsed.AST, nil)
	require.NoError(t, err)
	last := stages[len(stages)-1]
	assert.Equal(t, "scratch", last.BaseName)
	for _, command := range last.Commands {
		assert.NotEqual(t, "RUN", command.Name(), "there is no shell in it")
		if user, is := command.(*instructions.UserCommand); is {
			assert.Equal(t, "65532:0", user.User)
		}
	}
}
