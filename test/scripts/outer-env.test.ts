import { describe, expect, it } from 'vitest';
import { outerEnv } from '../../scripts/lib/outer-env.mjs';

describe('outerEnv', () => {
  it('is the environment without what npm put there', () => {
    const env = {
      HOME: '/home/a',
      NODE_OPTIONS: '--x',
      npm_config_cache: 'x',
      npm_lifecycle_event: 'start',
      INIT_CWD: '/y',
      NODE: '/usr/bin/node',
      PATH: '/y/node_modules/.bin:/node_modules/.bin:/usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin:/usr/bin:/bin',
    };
    expect(outerEnv(env)).toEqual({ HOME: '/home/a', NODE_OPTIONS: '--x', PATH: '/usr/bin:/bin' });
  });
});
