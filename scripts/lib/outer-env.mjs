// @ts-check
/**
 * The environment that npm was called with, as far as it can be had back: an agent started by `npm start` lives on,
 * and what it starts must not see npm's variables, nor find programs in node_modules/.bin.
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {Record<string, string>}
 */
export function outerEnv(env) {
  const npms = /^(npm_|INIT_CWD$|NODE$|COLOR$)/u;
  /** @type {Record<string, string>} */
  const outer = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !npms.test(name)) outer[name] = value;
  }
  const folders = (env.PATH ?? '')
    .split(':')
    .filter((folder) => !/\/node_modules\/(\.bin|.*\/node-gyp-bin)$/u.test(folder));
  return { ...outer, PATH: folders.join(':') };
}
