<?php
// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Writes with PHP's memcached extension.
$m = new Memcached();
$m->addServer('127.0.0.1', (int)$argv[1]);
foreach (['zero' => 0, 'int' => 57, 'negative' => -1204, 'large' => 1 << 40, 'float' => 5.25, 'true' => true, 'false' => false,
          'text' => '5.3', 'digits' => '57', 'umlaut' => 'größer', 'empty' => '', 'list' => [57], 'long' => str_repeat('5.3 ', 2000)] as $key => $value) {
    $m->set("php:$key", $value);
}
