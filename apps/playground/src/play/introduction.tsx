/** What there is to see, before there is anything. */
export function Introduction() {
  return (
    <section class="card introduction" aria-label="What this is">
      <h2 class="title">Watch a judge let good words through</h2>
      <p class="lead">
        A small <em>draft</em> model proposes sixteen tokens, a large <em>target</em> model reads them in one
        pass. Usually only what the target would have written itself survives. Here a tiny <em>judge</em> on
        the target’s own hidden states may let in what is right though worded differently: longer drafts
        survive, and the target runs less often.
      </p>
      <figure class="sketch">
        <div>
          <span class="who">drafted</span>
          <p class="tokens">
            Then she <Sample mark="judge">gains</Sample> 5 pens from Leo, which makes 12 + 5 ={' '}
            <Sample mark="rejected">16</Sample> <Sample mark="discarded">pens now.</Sample>
          </p>
        </div>
        <div>
          <span class="who">written</span>
          <p class="tokens">
            Then she <Sample mark="judge">gains</Sample> 5 pens from Leo, which makes 12 + 5 ={' '}
            <Sample mark="recovered">17</Sample>
          </p>
        </div>
        <figcaption class="soft">
          “gains” is not the target’s word, and right: the judge lets it in. “16” is wrong: the target writes
          17, and the rest of the draft is forgotten. An illustration; your own run begins with the button
          above.
        </figcaption>
      </figure>
    </section>
  );
}

const Sample = ({ mark, children }: { readonly mark: string; readonly children: string }) => (
  <span class={`t t-${mark}`}>{children}</span>
);
