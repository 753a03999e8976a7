import { client } from '../client.js';

/** React sends what can be iterated as an iteration, so a page of a list is given by its members. */
async function agents() {
  'use cache';
  const { data, total } = await client.agents.list();
  return { data, total };
}

export default async function Page() {
  const { data, total } = await agents();
  return (
    <p>
      {total}: {data.map(({ name }) => name).join(', ')}
    </p>
  );
}
