// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Writes with memcached of Node.js.
const Memcached = require("memcached");

const client = new Memcached("127.0.0.1:" + process.argv[2]);
const values = {
  zero: 0, int: 57, negative: -1204, large: 2 ** 40, float: 5.25, true: true, false: false,
  text: "5.3", digits: "57", umlaut: "größer", empty: "", list: [57], raw: Buffer.from("57"), object: { users: { total: 57 } },
};
let left = Object.keys(values).length;
for (const [name, value] of Object.entries(values)) {
  client.set("node:" + name, value, 0, (error) => {
    if (error) throw error;
    if (--left === 0) client.end();
  });
}
