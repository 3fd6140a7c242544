// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Adds to the files on standard input what dotenv of Node.js finds in each, and prints one a line.
import { readFileSync } from 'node:fs'
import dotenv from 'dotenv'

const files = JSON.parse(readFileSync(0, 'utf8'))
const lines = files.map((file) => JSON.stringify({ ...file, node: dotenv.parse(file.text) }))
console.log('[\n' + lines.join(',\n') + '\n]')
