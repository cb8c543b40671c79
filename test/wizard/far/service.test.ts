import { describe, expect, it } from 'vitest';
import { autostartText, unitText } from '../../../src/wizard/far/service.ts';

describe('what starts the agent', () => {
  it('names the program as systemd.service(5) wants it, and lets sessions outlive the agent', () => {
    const text = unitText('/home/a b%c$d/.local/bin/hotdesk');
    // A `$` is no variable in a program's path; `%` begins a specifier.
    expect(text).toContain('ExecStart="/home/a b%%c$d/.local/bin/hotdesk" agent run\n');
    expect(text).toContain('KillMode=process\n');
  });

  it('names the program as the Desktop Entry Specification wants it: quoted, then escaped as a string', () => {
    expect(autostartText('/home/a $b"c/hotdesk')).toContain(
      'Exec="/home/a \\\\$b\\\\"c/hotdesk" agent start\n',
    );
  });
});
