/** xrdp on a host of the lab, and the password of its user for whoever is asked for it elsewhere. */
import { readFileSync } from 'node:fs';
import type { LabHost } from '../lab/host.ts';
import type { RunOptions } from '../lab/run.ts';
import { XRDP_PASSWORD } from './password.ts';
import { XRDP_SCRIPT } from './script.ts';

/** What a command of hotdesk runs with, so that ~/.answer is what its user says; ~/.asked has the questions. */
export const ASKING: RunOptions = {
  env: { SSH_ASKPASS: '/home/user/.askpass', SSH_ASKPASS_REQUIRE: 'force' },
};

const ASKPASS = '#!/bin/sh\nprintf \'%s\\n\' "$1" >>/home/user/.asked\ncat /home/user/.answer\n';

/** Resolves when it listens. @throws Error with what it said */
export async function serveXrdp(host: LabHost): Promise<void> {
  await host.root(['chpasswd'], { stdin: `user:${XRDP_PASSWORD}\n` });
  await host.root(['mkdir', '-p', '/run/xrdp-log']);
  const served = await host.root(['bash', '-s', 'serve', '/run/xrdp-log'], {
    stdin: readFileSync(XRDP_SCRIPT, 'utf8'),
  });
  if (served.code !== 0) throw new Error(`xrdp does not run: ${served.stderr}`);
}

/** What the user of that host answers from now on, to whatever is asked. */
export async function answers(host: LabHost, password: string): Promise<void> {
  const script = 'cat >.answer; : >.asked; printf %s "$1" >.askpass; chmod +x .askpass';
  await host.user(['sh', '-c', script, 'sh', ASKPASS], { stdin: `${password}\n` });
}
