import { cached } from '../client.js';

export default async function Page() {
  const { data, meta } = await cached.agents.get('agent_abc123').withResponse();
  return (
    <p>
      {meta.status}: {data.name}
    </p>
  );
}
