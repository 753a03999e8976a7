/** Which Host and which Origin a request may have: a page must not reach a server on somebody's own machine (DNS rebinding). */

/** What is compared of an address: scheme, host and port, in their one spelling; `undefined` for what is none. */
function originOf(text: string): string | undefined {
  try {
    const { origin } = new URL(text);
    return origin === 'null' ? undefined : origin;
  } catch {
    return undefined;
  }
}

/** The Host of a request: its header, else that of its address. */
function hostOf(request: Request): string {
  return (request.headers.get('host') ?? new URL(request.url).host).toLowerCase();
}

/** Whether the request was sent to one of the hosts. Without a list every host counts: whoever has none listens publicly. */
export function isKnownHost(request: Request, hosts: readonly string[] | undefined): boolean {
  return !hosts || hosts.some((host) => host.toLowerCase() === hostOf(request));
}

/**
 * Whether no page of another origin sent the request. Browsers name the page's origin with every POST (WHATWG Fetch,
 * "Origin header"); what comes without one was sent by no page. The server's own is known only where its hosts are: a
 * name that leads here by an attacker's DNS is in `Host` and in `Origin` alike.
 */
export function isKnownOrigin(
  request: Request,
  { hosts, origins = [] }: { hosts?: readonly string[] | undefined; origins?: readonly string[] | undefined },
): boolean {
  const header = request.headers.get('origin');
  if (header === null) return true;
  const origin = originOf(header);
  if (origin === undefined) return false;
  if (origins.some((known) => originOf(known) === origin)) return true;
  return !!hosts?.some((host) => origin === originOf(`http://${host}`) || origin === originOf(`https://${host}`));
}
