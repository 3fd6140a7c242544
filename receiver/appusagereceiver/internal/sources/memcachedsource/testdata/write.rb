# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

# Writes with dalli: as it does by itself, and raw.
require 'dalli'
client = Dalli::Client.new("127.0.0.1:#{ARGV[0]}", compress: true)
{ 'zero' => 0, 'int' => 57, 'negative' => -1204, 'large' => 1 << 40, 'float' => 5.25, 'true' => true, 'false' => false,
  'text' => '5.3', 'digits' => '57', 'umlaut' => 'größer', 'empty' => '', 'list' => [57], 'long' => '5.3 ' * 2000 }.each do |key, value|
  client.set("dalli:#{key}", value)
end
client.set('dalli:raw', '57', 0, raw: true)
