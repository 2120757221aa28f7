/** The one script that a worker is ever made of. */
export const VERIFY_SCRIPT = '/log/verify-worker.js';

interface ScriptUrls {
  createScriptURL(url: string): string;
}

// The DOM's types do not know Trusted Types yet; a browser without them takes the plain address.
const trustedTypes = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;

interface TrustedTypes {
  createPolicy(name: string, rules: ScriptUrls): ScriptUrls;
}

const rules: ScriptUrls = {
  createScriptURL(url) {
    if (url !== VERIFY_SCRIPT) throw new TypeError('not a script of the log page');
    return url;
  },
};

const policy = trustedTypes?.createPolicy('countersign-worker', rules) ?? rules;

/** A worker of that script and no other: the page's security policy refuses an address that no policy let pass. */
export const startWorker = (script: string): Worker =>
  new Worker(policy.createScriptURL(script), { type: 'module', name: 'countersign-verify' });
