import { Suspense } from 'react';
import { client } from './client.js';

async function Agents() {
  const { data } = await client.agents.list();
  return data.map(({ id, name }) => <p key={id}>{name}</p>);
}

export default function Page() {
  return (
    <Suspense fallback={<p>waiting</p>}>
      <Agents />
    </Suspense>
  );
}
