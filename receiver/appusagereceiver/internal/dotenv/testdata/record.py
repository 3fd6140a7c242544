# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

"""Prints as JSON the corpus, and what python-dotenv finds in each file of it."""

import io
import json
import logging
import random

import dotenv

logging.disable(logging.CRITICAL)

# Each of these once disabled a whole file, or is a form in which people write one.
CORPUS = [
    "VERSION=5.3\n",
    "\ufeffVERSION=5.3\nDEBUG=1\n",
    'KEY="-----BEGIN PRIVATE KEY-----\nMIIE\nvw==\n-----END PRIVATE KEY-----\n"\nVERSION=5.3\n',
    "KEY=-----BEGIN PRIVATE KEY-----\nMIIE\nvw==\n-----END PRIVATE KEY-----\nVERSION=5.3\n",
    "DEBUG\nVERSION=5.3\n",
    "MOTTO=it's mine\nVERSION=5.3\n",
    "X-KEY=1\nVERSION=5.3\n",
    "2FA=1\nVERSION=5.3\n",
    "[section]\nVERSION=5.3\n",
    '"\nVERSION=5.3\n',
    "'\nVERSION=5.3\n",
    'LONE="unterminated\nVERSION=5.3\n',
    "LONE='unterminated\nVERSION=5.3\n",
    "export VERSION=5.3\nexport\tDEBUG = True\n",
    "VERSION = 5.3 # the version\nURL=http://host/#part\nCOLOR=#fff\nEMPTY=\nBLANK=   \n",
    "VERSION='5.3' # the version\nA=\"1\"#c\n",
    "VERSION: 5.3\nA:1\n",
    "VERSION=`5.3`\n",
    'A="tab\\there\\nline \\"quoted\\" \\\\ back"\nB=\'raw\\tone \\\'quoted\\\' \\\\\'\nVERSION=5.3\n',
    "BASE=5\nVERSION=${BASE}.3\nQ='${BASE}'\nD=${NOWHERE:-7}\nP=$BASE\nE=${OUTSIDE}\nS=\\${BASE}\n",
    "VERSION=1\nVERSION=2\n",
    "A B=1\nVERSION=5.3\n",
    "=1\nVERSION=5.3\n",
    "VERSION=5.3\r\nDEBUG=1\r\n",
    "A=1\rVERSION=5.3\r",
    "'quoted key'=1\nVERSION=5.3\n",
    "VERSION=\"5.3\" and more\n",
    "VERSION=5.3",
    "  VERSION  =  5.3  \n",
    "\n\n# only\n\n",
    "VERSION=\n'5.3'\n",
    "VERSION=\"a\nb\"\nA=`c\nd`\n",
    "VERSION=größer\nDÉBUG=1\n",
    "a.b=1\nVERSION=\"5.3'\n",
    "VERSION= # set by the deployment\nDEBUG=1\n",
    "A='C:\\\\app\\\\'\nB=\"C:\\\\app\\\\\"\nVERSION='5.3'\n",
]

PIECES = ["A", "B", "VERSION", "=", "=", "=", "'", '"', "`", "#", " # ", " ", "\n", "\n", "\n", "1", "x y", "export ", "${A}", "\\", "\\'", '\\"', "\\n", ":", ": ", "-", ".", "\t", "\r\n", "é"]

draw = random.Random(18)


def line():
    """A line as people write one, or nearly so."""
    value = draw.choice(VALUES)
    if draw.random() < 0.5:
        quote = draw.choice("'\"`")
        value = quote + value + draw.choice(["", "\n", "\n# no comment\n", "\\n", "\\\\", "\\" + quote, "\r\n"]) + draw.choice(VALUES) + draw.choice([quote, quote, quote, ""])
    return "".join([
        draw.choice(["", "", "export ", "  ", "\texport\t", "# "]), draw.choice(["A", "B", "VERSION", "a.b", "X-Y", "NAME_2"]),
        draw.choice(["=", "=", "=", " = ", "= ", ": ", " =\t", ""]), value, draw.choice(["", "", " ", " # note", "#note", " #"]),
        draw.choice(["\n", "\n", "\n", "\r\n", "\r", ""]),
    ])


VALUES = ["", "1", "5.3", "a b", "${A}", "${B:-7}", "${VERSION:-${A}}", "${NOWHERE:-}", "$$", "$A", "${A", "$${B}", "\\${A}", "${A:-it's}", "x#y", "it's", '{"k": "v"}', "C:\\dir\\", "é", "=", "a=b"]
texts = CORPUS + ["".join(draw.choice(PIECES) for _ in range(draw.randint(3, 24))) for _ in range(1200)]
texts += ["".join(line() for _ in range(draw.randint(1, 6))) for _ in range(600)]
print(json.dumps([{"text": text, "python": dict(dotenv.dotenv_values(stream=io.StringIO(text, newline=None)))} for text in texts]))
