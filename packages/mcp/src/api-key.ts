/** Where the server's key comes from: the environment, or a file that it names. Never an argument, which `ps` shows. */

import { TwigConfigError } from '@twig/sdk';

const PLACE = 'in "env" of this server\'s entry in the configuration of your MCP client, and start the server again.';

/** The values that a configuration holds when nobody has put the variable in its place. */
const PLACEHOLDER = /^\$\{.*\}$|^\$[A-Z_]+$|^<.*>$/;

async function readKeyFile(path: string): Promise<string> {
  // Loaded here: who hosts the handler elsewhere than on Node has no files.
  const { readFile } = await import('node:fs/promises');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    // Of a system error the code alone: what is at a wrong path is nobody's business.
    const { code = 'unreadable' } = Object(error) as { code?: string };
    throw new TwigConfigError(
      `TWIG_API_KEY_FILE cannot be read (${code}). Set it to the path of a file that holds the key, ${PLACE}`,
    );
  }
  const key = text.trim();
  if (!key) throw new TwigConfigError(`The file that TWIG_API_KEY_FILE names is empty. Write the key into it.`);
  return key;
}

/** Gives the key of an attempt. The file is read anew each time, so that a rotated key is used at once. */
export async function readApiKey(): Promise<string> {
  // Not everywhere where a handler is hosted there is a process.
  const { TWIG_API_KEY: key, TWIG_API_KEY_FILE: file } = globalThis.process?.env ?? {};
  if (key && PLACEHOLDER.test(key)) {
    throw new TwigConfigError(`TWIG_API_KEY holds a placeholder, not a key. Set it to the key ${PLACE}`);
  }
  if (key) return key;
  if (file) return readKeyFile(file);
  throw new TwigConfigError(
    `This server has no key. Set TWIG_API_KEY, or TWIG_API_KEY_FILE to the path of a file that holds it, ${PLACE}`,
  );
}
