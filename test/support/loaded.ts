/** What the client loads with its first call, loaded here: a load takes real time, which no test clock knows. */

import '../../src/params/schema-kit.ts';
import '../../src/call/transport.ts';
