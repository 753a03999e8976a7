import { cached } from '../client.js';

/** Wholly prerendered: every page of the list is fetched while building. */
export default async function Page() {
  const names = [];
  for await (const { name } of cached.agents.list({ limit: 1 })) names.push(name);
  return <p>{names.join(', ')}</p>;
}
