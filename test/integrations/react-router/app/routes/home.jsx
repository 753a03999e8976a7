import { Suspense, use } from 'react';
import { Await } from 'react-router';
import { client } from '../client.js';

export async function loader() {
  const page = await client.agents.list({ limit: 1 });
  return {
    page,
    answer: client.query({ agentId: 'agent_abc123', query: 'What is your refund policy?' }),
    agents: client.agents.list({ limit: 1 }),
  };
}

function Names({ agents }) {
  return <p id="agents">{use(agents).data.map(({ id }) => id)}</p>;
}

export default function Home({ loaderData: { answer, agents, page } }) {
  return (
    <>
      <p id="page">{page.data[0].id}</p>
      <Suspense fallback={<p>Waiting for the answer</p>}>
        <Await resolve={answer}>{({ response }) => <p id="answer">{response}</p>}</Await>
      </Suspense>
      <Suspense fallback={<p>Waiting for the agents</p>}>
        <Names agents={agents} />
      </Suspense>
    </>
  );
}
