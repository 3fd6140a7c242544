// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/inspect"
)

// framework is how programs of one kind lay out their tables.
type framework struct {
	name string
	// mark is a table that only these programs have.
	mark matcher
	// since is the column of that table whose least value is when the program was installed; empty for none.
	since string
}

// frameworks are looked for in this order.
var frameworks = []framework{
	{"Django", like(`^django_migrations$`), "applied"},
	{"Rails", like(`^ar_internal_metadata$`), "created_at"},
	{"Prisma", like(`^_prisma_migrations$`), "started_at"},
	{"WordPress", like(`_(options|usermeta)$`), ""},
	{"Alembic (SQLAlchemy)", like(`^alembic_version$`), ""},
	{"Flyway", like(`^flyway_schema_history$`), "installed_on"},
	{"goose", like(`^goose_db_version$`), "tstamp"},
	{"Knex", like(`^knex_migrations$`), "migration_time"},
	{"Doctrine", like(`^doctrine_migration_versions$`), "executed_at"},
	{"Diesel", like(`^__diesel_schema_migrations$`), "run_on"},
	{"sql-migrate", like(`^gorp_migrations$`), "applied_at"},
	{"SQLx", like(`^_sqlx_migrations$`), "installed_on"},
	{"xormigrate or Ecto", like(`^schema_migrations$`), "inserted_at"},
	{"Laravel", like(`^migrations$`), ""},
}

const inPassing = "work in passing"

// reason says why tables of such names are left out.
type reason struct {
	text  string
	names matcher
}

func words(pattern string) matcher {
	return like(`(^|_)(` + pattern + `)(_|$)`)
}

// leftOut are tables whose rows are no things that somebody made, or are persons' own matters.
var leftOut = []reason{
	{"bookkeeping of the framework", like(`^(django_.*|auth_permission|auth_group.*|schema_(migrations|info|version)|ids|ar_internal_metadata|_?prisma_migrations|alembic_version.*|migrations?|.*_migrations?(_lock)?|gorp_.*|goose_.*|flyway_.*|knex_.*|sequelize_?(meta|data)|typeorm_.*|doctrine_.*|__.*|databasechangelog.*|active_storage_.*|action_(text|mailbox)_.*|reversion_.*|south_.*|sqlx_.*|sysdiagrams|spatial_ref_sys|geometry_columns|(.*_)?(schema|db_?version|dbpatch|patches|applied_patches|updatelog|update_log)|applied_schema\w*|.*_(sql|ddl))$`)},
	{"what signs somebody in", words(`sessions?|tokens?|oauth2?|oidc|saml|sso|ldap|password|passwords|resets?|oath\w*|otp|totp|mfa|2fa|twofactor|webauthn|passkeys?|apikeys?|keys?|credentials?|secrets?|nonces?|csrf|verifications?|devices?|logins?|remember_?me|rememberme|attempts?|confirmations?|invitations?|invites?|identit(y|ies)|authenticat\w*|authoriz\w*|blacklist|blocklist|lockout|fail2ban|grants?|socialaccount|socialauth|social|authtoken|admins?|cookies?`)},
	{"copies, drafts or traces of things", words(`history|histories|historical\w*|audits?|auditlog|logs?|logentry|entrylog|changelogs?|revisions?|versions?|changesets?|activity|activities|timelines?|trash|archived?|deleted|drafts?|templates?|snapshots?|diffs?|backups?|bak|old\w*|tmp|temp|staging|journals?|undo|changes?|logging`)},
	{inPassing, words(`jobs?|queues?|queued|celery|periodic|schedules?|scheduled|scheduler|crons?|crontabs?|outbox|inbox|delayed|background|workers?|locks?|semaphores?|cache|caches|cached|cachetable|imports?|exports?|tasks?_results?|taskresult|deliver(y|ies)|retries|health\w*|heartbeats?|q_ormq|sequences?|counters?|throttl\w*|ratelimits?`)},
	{"an index for searching", words(`fts\d*|fulltext|search|searches|searchindex|index|indices|index_entries|indexentry|tsvector|segdir|docsize|idx|trigrams?|embeddings?|vectors?`)},
	{"one row a language", words(`translations?|i18n|l10n|locales?|languages?|lang|localized\w*`)},
	{"settings, not things", words(`settings?|options?|configs?|configurations?|preferences?|prefs|params?|parameters?|meta|metadata|metas|postmeta|usermeta|termmeta|commentmeta|propert(y|ies)|constance|flags?|switch(es)?|variables?|systems?|sys|info|sites?_?settings?|keyvalues?|kv|registry|attributes?|appearance|themes?|layouts?|widgets?|blocks?|menus?`)},
	{"who may do what", words(`permissions?|perms?|roles?|acls?|capabilit(y|ies)|privileges?|polic(y|ies)|access|rights?|scopes?|restrictions?`)},
	{"messages to persons", words(`notifications?|emails?|mails?|mailer|newsletters?|sms|pushs?|subscribers?|alerts?|announcements?|webhooks?|hooks?|messages_sent|unsubscribes?|notify`)},
	{"about persons", words(`profiles?|userprofiles?|address|addresses|contacts?|phones?|persons?|people|avatars?|gravatars?|genders?|birthdays?|ips?|ip_addresses|geo\w*|locations?|followers?|followings?|follows?|friends?|friendships?|blocks?|mutes?|ignores?|watch(es|ers)?|reactions?|likes?|votes?|ratings?|favou?rites?|bookmarks_users|presence|seen|reads?|unread\w*|visits?|visitors?|views?|pageviews?|hits?|clicks?|impressions?|consents?|gdpr`)},
	{"figures of its own", words(`stats?|statistics?|metrics?|analytics|usages?|summar(y|ies)|aggregat\w*|scores?|ranks?|ranking|leaderboards?|reports?|rollups?|telemetry`)},
	{"a list that the program brings", words(`countr(y|ies)|currenc(y|ies)|timezones?|cities|states|zipcodes?|regions?|provinces?|units?|mimetypes?|contenttypes?|types?|statuses|status|icons?|emojis?|smil(ey|ies)|colou?rs?`)},
}

// atTheEnd are the same kinds where words are written together: wagtailcore_apitoken, pagelinks.
var atTheEnd = []reason{
	{"what signs somebody in", like(`((token|session|password|credential|otp)s?|postauth|(api|auth|crypto|tsig|ssh|gpg|pgp|access|signing)_?keys?)$`)},
	{"settings, not things", like(`metadata$`)},
	{"an index for searching", like(`_segments$`)},
	{"messages to persons", like(`^motd$`)},
	{"copies, drafts or traces of things", like(`(logentry|logentries|(mod|event|sys|user|access|action|change|query)log|history|revision|revisions|archive|changes)$`)},
	{inPassing, like(`(cache|queue|spool|bosh|caps_features|_state|formstate|positions?|_pos|_stream)$`)},
	{"who may do what", like(`(permission|restriction|privilege|role)s?$`)},
	{"joins others", like(`([a-z]links|_map|_mapping|_rel|_relation|relationships?|memberships?)$`)},
	{"about persons", like(`(threepids?|vcard|profile|favorite|bookmark|ipblocks|pushers)s?$`)},
}

// users are the names of the table of those who use the program.
var users = like(`(^|[_.])(auth_user|users?|accounts?|members?|customuser|useraccounts?|user_accounts?|site_users?|user_user|users_user|user_entity)$`)

// ofPersons are columns by which a person could be told, or which are nobody's business: never grouped by.
var ofPersons = words(`gender|sex|birth\w*|dob|age|title|titles|salutation|honorific|prefix|suffix|first|last|middle|full|name|names|nick\w*|surname|username|login|email|mail|mails|mailhost|host|hostname|domain|url|uri|link|slug|path|phone|mobile|fax|tel|address|street|city|town|zip\w*|postal\w*|postcode|country|nation\w*|religion|ethnic\w*|race|marital|health|income|salary|ip|ipaddr|useragent|agent|token|tokens|secret|hash|salt|password|passwd|key|uuid|guid|checksum|signature|description|content|body|text|note|notes|comment|comments|subject|message|value|data|json|payload|timezone|tz|lat|latitude|lng|lon|longitude|geo\w*|company|organi[sz]ation|employer|job|occupation|file|filename|avatar|image|photo|bio|about|keyword|keywords|query|sql|code|sku|isbn|barcode|serial|ref|reference|external|remote|colou?r|icon|default`)

// ofKinds are columns that say of which of a few kinds a thing is.
var ofKinds = like(`(^|_)(status|state|type|kind|plan|tier|visibility|privacy|priority|severity|mode|stage|phase|format|provider|engine|driver|backend|protocol|frequency|level|scope|edition|method|medium|source_type|category_type|resolution|outcome|result|difficulty|importance|license_type|license|access_type|sharing|render|renderer|editor|dialect|platform|channel|unit)$`)

// ofCreation are columns that say when a row came to be, the likeliest first.
var ofCreation = []string{
	"created_at", "created", "createdat", "date_created", "created_on", "created_date", "createddate", "creation_date", "creationdate",
	"creation_ts", "created_ts", "created_time", "create_time", "createtime", "ctime", "date_added", "added_at", "added", "inserted_at", "created_unix", "created_utc", "createdutc",
	"date_joined", "registered_at", "registered", "user_registered", "registration_date", "signup_date", "timestamp", "time", "date",
	"post_date_gmt", "comment_date_gmt", "published_at", "pub_date", "first_published_at", "uploaded_at", "upload_date", "started_at", "submitted_at", "run_at", "written_at", "posted_at", "recorded_at", "sent_at", "opened_at", "booked_at", "ordered_at", "add_date", "registration", "clock", "received_ts", "origin_server_ts", "time_submitted", "upload_timestamp",
}

// ofUse are columns that say when a user was last there.
var ofUse = []string{
	"last_login", "last_seen_at", "last_seen", "last_active_at", "last_active", "last_activity_at", "last_activity", "lastactivity", "last_login_at", "lastlogin", "lastloginat",
	"last_sign_in_at", "current_sign_in_at", "last_request_at", "last_access", "last_access_at", "last_used_at", "last_login_unix", "last_online", "last_visit", "lastvisit", "last_login_date", "lastseen", "last_login_time", "lastactiveat",
}

// ofSystem are flags of users that are no persons, or are there no more.
var ofSystem = []string{"is_system", "is_bot", "is_service_account", "is_service", "is_anonymous", "system", "bot", "is_ghost", "is_virtual", "is_guest", "is_deactivated", "deactivated", "disabled", "is_disabled", "suspended", "is_suspended", "banned", "is_banned"}

// ofAbsence are columns that say that a row is there no more.
var (
	ofDeletion = []string{"deleted_at", "deletedat", "deleted_on", "deletion_date", "date_deleted", "removed_at", "archived_at", "trashed_at", "discarded_at"}
	ofDeleted  = []string{"is_deleted", "deleted", "is_archived", "is_removed", "removed", "trashed", "is_trashed", "in_trash"}
	ofNoThing  = []string{"is_draft", "draft", "is_template", "template", "is_system", "is_spam", "spam", "is_test"}
	ofActive   = []string{"is_active", "active", "enabled", "is_enabled"}
)

// ofIdentity are the keys under which programs keep an installation's id, in a table of settings.
var ofIdentity = []string{"instance_id", "instanceid", "instanceId", "instance_uuid", "installation_id", "installationId", "install_id", "site_uuid", "server_id", "serverId", "uuid", "UUID", "telemetry_id", "telemetryId", "unique_id", "uniqueID", "system_id", "core.instance_id"}

func of(t *inspect.Table, names []string, kinds ...inspect.Kind) *inspect.Column {
	prefix := columnPrefix(t)
	for _, name := range names {
		c := t.Column(name)
		if c == nil {
			c = t.Column(strings.ReplaceAll(name, "_", ""))
		}
		if c == nil && prefix != "" {
			c = t.Column(prefix + name)
		}
		if c == nil {
			continue
		}
		for _, kind := range kinds {
			if c.Kind == kind {
				return c
			}
		}
	}
	return nil
}

// columnPrefix is what most columns of a table begin with, as WordPress' and MediaWiki's do: post_, img_.
func columnPrefix(t *inspect.Table) string {
	begins := map[string]int{}
	for _, c := range t.Columns {
		if first, _, has := strings.Cut(c.Name, "_"); has {
			begins[first+"_"]++
		}
	}
	for prefix, n := range begins {
		if n > 2 && 2*n > len(t.Columns) {
			return prefix
		}
	}
	return ""
}
