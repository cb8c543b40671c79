/** With what a shell, a file of options and a template would stumble over. */
export const XRDP_PASSWORD = 'pa ss"w0rd\\ü/p:{x}';
