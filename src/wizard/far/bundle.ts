/** hotdesk as one file to be copied: it unpacks itself with the Node of the host. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { HotdeskError } from '../../kernel/errors.ts';

/** What runs of a checkout or an installed package, by folder. V8's caches fit one Node only. */
const PARTS: readonly { readonly folder: string; readonly names: RegExp }[] = [
  { folder: 'bin', names: /^(?:hotdesk\.js|package\.json)$/u },
  { folder: 'dist', names: /^(?:[a-z0-9-]+\.cjs|profiles\.json)$/u },
  { folder: 'dist/icons', names: /^[a-z0-9/@-]+\.(?:png|svg|ico)$/u },
  { folder: 'profiles', names: /^(?:[a-z0-9-]+\.yaml|schema\.json)$/u },
];

/**
 * Run by Node there: `node FILE FOLDER`. The folder is made aside and put in place when whole; one that
 * was there goes once the new one stands.
 */
const UNPACK = `'use strict';
const fs = require('fs'), path = require('path');
const target = process.argv[2];
const files = JSON.parse(require('zlib').gunzipSync(Buffer.from(DATA, 'base64')));
const fresh = target + '.new-' + process.pid, old = target + '.old-' + process.pid;
process.umask(0o022);
try {
  for (const [name, data] of Object.entries(files)) {
    const file = path.join(fresh, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const out = fs.openSync(file, 'wx', 0o644);
    fs.writeFileSync(out, Buffer.from(data, 'base64'));
    fs.fsyncSync(out);
    fs.closeSync(out);
  }
  if (fs.existsSync(target)) fs.renameSync(target, old);
  fs.renameSync(fresh, target);
  fs.rmSync(old, { recursive: true, force: true });
} catch (error) {
  fs.rmSync(fresh, { recursive: true, force: true });
  if (!fs.existsSync(target) && fs.existsSync(old)) fs.renameSync(old, target);
  console.error(error.message);
  process.exit(1);
}
`;

/** @param installation folder of this hotdesk. @throws HotdeskError `internal` where it is not built */
export async function bundleOf(installation: string): Promise<Buffer> {
  const files: Record<string, string> = {};
  for (const { folder, names } of PARTS) {
    const recursive = folder === 'dist/icons';
    const found = await readdir(join(installation, folder), { recursive }).catch(() => []);
    for (const name of found.filter((each) => names.test(each)).sort()) {
      files[`${folder}/${name}`] = await readFile(join(installation, folder, name), 'base64');
    }
  }
  if (files['bin/hotdesk.js'] === undefined || files['dist/agent.cjs'] === undefined) {
    throw new HotdeskError('internal', `${installation} holds no built hotdesk.`, {
      hint: 'Build it: npm run build',
    });
  }
  const packed = await promisify(gzip)(JSON.stringify(files));
  return Buffer.from(`const DATA = '${packed.toString('base64')}';\n${UNPACK}`);
}

/** The program in the user's PATH. @param node of the host. @param folder where it was unpacked */
export function launcherText(node: string, folder: string): string {
  return `#!/bin/sh
# hotdesk, as \`hotdesk setup\` put it here. Another Node than at that time will do.
n=${quoted(node)}
[ -x "$n" ] || n=node
HOTDESK_NODE=$n exec sh ${quoted(`${folder}/bin/hotdesk.js`)} "$@"
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
