import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import '../../chat/style.css';
import leaf from '../../chat/twig.svg';

export const metadata: Metadata = { title: 'Ask Twig', icons: { icon: leaf.src } };
export const viewport: Viewport = { colorScheme: 'light dark' };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <header>
          {/* biome-ignore lint/performance/noImgElement: a drawing of 28 pixels needs no optimizing. */}
          <img src={leaf.src} alt="" width={28} height={28} />
          <h1>Ask Twig</h1>
          <p>Support Agent</p>
        </header>
        {children}
      </body>
    </html>
  );
}
