import { Suspense } from 'react';
import { Await } from 'react-router';
import { client } from '../client.js';

export const loader = () => ({ agent: client.agents.get('agent_nope') });

export default function Failing({ loaderData: { agent } }) {
  return (
    <Suspense fallback={<p>Waiting for the agent</p>}>
      <Await resolve={agent} errorElement={<p id="failed">There is no such agent</p>}>
        {({ name }) => <p>{name}</p>}
      </Await>
    </Suspense>
  );
}
