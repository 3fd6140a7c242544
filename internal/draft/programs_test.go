// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package draft_test

import (
	"compress/gzip"
	"context"
	"database/sql"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/apps"
	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/draft"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

// programs are real ones whose Debian packages ship their schema. Counted has to stand in the draft, and
// none of kept may.
var programs = []struct {
	name, pkg, server string
	files             []string
	counted, kept     []string
}{
	{"zabbix", "zabbix-server-pgsql", "postgresql", []string{"usr/share/zabbix-server-pgsql/schema.sql.gz"}, []string{"count: {table: users}", "count: {table: hosts}"}, []string{"table: sessions", "table: auditlog", "table: token"}},
	{"roundcube", "roundcube-core", "postgresql", []string{"usr/share/dbconfig-common/data/roundcube/install/pgsql"}, []string{"table: users, since: {last_login: 30d}"}, []string{"table: contacts", "table: session", "table: cache"}},
	{"roundcube", "roundcube-core", "mysql", []string{"usr/share/dbconfig-common/data/roundcube/install/mysql"}, []string{"table: users, since: {last_login: 30d}"}, []string{"table: contacts", "table: session", "table: cache"}},
	{"mediawiki", "mediawiki", "mysql", []string{"usr/share/mediawiki/maintenance/tables-generated.sql"}, []string{"count: {table: page}", "count: {table: image}"}, []string{"table: objectcache", "table: archive", "table: ip_changes", "table: logging", "table: oldimage"}},
	{"bacula", "bacula-director-pgsql", "postgresql", []string{"usr/share/dbconfig-common/data/bacula-director-pgsql/install/pgsql"}, []string{"count: {table: job}", "count: {table: client}"}, []string{"table: log}"}},
	{"bacula", "bacula-director-mysql", "mysql", []string{"usr/share/dbconfig-common/data/bacula-director-mysql/install/mysql"}, []string{"count: {table: Job}", "count: {table: Client}"}, []string{"table: Log}"}},
	{"cacti", "cacti", "mysql", []string{"usr/share/cacti/conf_templates/cacti.sql"}, []string{"count: {table: user_auth}", "count: {table: host}", "count: {table: graph_tree}"}, []string{"table: sessions", "table: settings", "table: user_auth_cache", "table: user_domains_ldap"}},
	{"ejabberd", "ejabberd", "postgresql", []string{"usr/share/ejabberd/sql/pg.sql"}, []string{"count: {table: users}", "count: {table: muc_room}"}, []string{"table: archive", "table: oauth_token", "table: spool", "table: vcard", "table: motd", "table: bosh"}},
	{"kea", "kea-admin", "postgresql", []string{"usr/share/kea/scripts/pgsql/dhcpdb_create.pgsql"}, []string{"count: {table: hosts}", "count: {table: dhcp4_subnet}"}, []string{"table: logs", "table: dhcp4_audit", "table: lease4_stat"}},
	{"powerdns", "pdns-backend-pgsql", "postgresql", []string{"usr/share/pdns-backend-pgsql/schema/schema.pgsql.sql"}, []string{"count: {table: domains}", "count: {table: records}"}, []string{"table: tsigkeys", "table: cryptokeys", "table: domainmetadata"}},
	{"freeradius", "freeradius-config", "postgresql", []string{"etc/freeradius/3.0/mods-config/sql/main/postgresql/schema.sql"}, []string{"count: {table: nas}"}, []string{"table: radpostauth"}},
	{"icingaweb", "icingaweb2", "postgresql", []string{"usr/share/icingaweb2/schema/pgsql.schema.sql"}, []string{"count: {table: icingaweb_user"}, []string{"table: icingaweb_rememberme", "table: icingaweb_user_preference"}},
	{"icingaweb", "icingaweb2", "mysql", []string{"usr/share/icingaweb2/schema/mysql.schema.sql"}, []string{"count: {table: icingaweb_user"}, []string{"table: icingaweb_rememberme", "table: icingaweb_user_preference"}},
	{"rt", "request-tracker5", "postgresql", []string{"usr/share/request-tracker5/etc/schema.Pg"}, []string{"count: {table: users}", "count: {table: queues}"}, []string{"table: sessions", "table: attributes", "table: acl"}},
}

// Drafts of real programs are valid, and count what a maker would. It downloads their packages from Debian.
func TestDraftsOfRealPrograms(t *testing.T) {
	if os.Getenv("HEADCOUNT_PROVE") == "" {
		t.Skip("it downloads a hundred megabytes: set HEADCOUNT_PROVE")
	}
	debian.HasProgram(t, "dpkg-deb")
	// Marks that the program fills in, and functions and triggers, which only its own client can read.
	marks := regexp.MustCompile(`/\*(_|i|\$wgDBTableOptions)\*/|(?s:DELIMITER \S\S\n.*?DELIMITER ;)|.*@sqlmode;`)
	for _, program := range programs {
		t.Run(program.name+" on "+program.server, func(t *testing.T) {
			folder := t.TempDir()
			download := exec.CommandContext(t.Context(), "apt-get", "download", program.pkg)
			download.Dir = folder
			said, err := download.CombinedOutput()
			require.NoError(t, err, string(said))
			packages, err := filepath.Glob(filepath.Join(folder, "*.deb"))
			require.NoError(t, err)
			require.Len(t, packages, 1)
			t.Log(filepath.Base(packages[0])) // with its version
			require.NoError(t, exec.CommandContext(t.Context(), "dpkg-deb", "-x", packages[0], folder).Run())

			kind := map[string]dbtest.Kind{"postgresql": dbtest.PostgreSQL, "mysql": dbtest.MariaDB}[program.server]
			server := kind.Shared(t)
			name, db := server.Database(t)
			conn, err := db.Conn(context.Background())
			require.NoError(t, err)
			defer func() { _ = conn.Close() }()
			if program.server == "mysql" {
				_, err = conn.ExecContext(t.Context(), "SET SESSION sql_mode = '', foreign_key_checks = 0")
				require.NoError(t, err)
			}
			for _, file := range program.files {
				run(t, conn, marks.ReplaceAllString(text(t, filepath.Join(folder, file)), ""))
			}
			written, err := draft.Write(t.Context(), server.URL("reader", name)+map[string]string{"postgresql": "?sslmode=disable"}[program.server], program.name, time.Minute)
			require.NoError(t, err)
			for _, counted := range program.counted {
				assert.Contains(t, written, counted)
			}
			for _, kept := range program.kept {
				assert.NotContains(t, written, kept)
			}
			assert.NotContains(t, written, "not read: ")
			assert.NoError(t, valid(t, written))
		})
	}
}

func text(t *testing.T, file string) string {
	t.Helper()
	opened, err := os.Open(file)
	require.NoError(t, err)
	defer func() { _ = opened.Close() }()
	var reader io.Reader = opened
	if strings.HasSuffix(file, ".gz") {
		reader, err = gzip.NewReader(opened)
		require.NoError(t, err)
	}
	read, err := io.ReadAll(reader)
	require.NoError(t, err)
	return string(read)
}

func run(t *testing.T, conn *sql.Conn, statements string) {
	t.Helper()
	_, err := conn.ExecContext(t.Context(), statements)
	require.NoError(t, err)
}

// valid is what the receiver says of a draft over app:base.
func valid(t *testing.T, written string) error {
	t.Helper()
	merged := confmap.New()
	base, err := apps.Read("base", nil)
	require.NoError(t, err)
	for _, part := range []string{string(base), written} {
		retrieved, err := confmap.NewRetrievedFromYAML([]byte(part))
		require.NoError(t, err)
		conf, err := retrieved.AsConf()
		require.NoError(t, err)
		require.NoError(t, merged.Merge(conf))
	}
	section, err := merged.Sub("receivers::appusage")
	require.NoError(t, err)
	cfg := appusagereceiver.NewFactory().CreateDefaultConfig()
	require.NoError(t, section.Unmarshal(&cfg))
	return confmap.Validate(cfg)
}
