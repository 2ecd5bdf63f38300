//! A page under construction: fixed markup goes in as it is, texts only escaped.

use crate::report::plain::plain;

/// HTML that grows.
#[derive(Debug, Default)]
pub(super) struct Markup {
    text: String,
}

impl Markup {
    /// Adds markup of ours; that it is static keeps texts of a run out of here.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.text.push_str(markup);
        self
    }

    /// Adds a text, in which nothing is markup; fit for element content and quoted attributes.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for letter in plain(text).chars() {
            match letter {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\'' => self.text.push_str("&#39;"),
                _ => self.text.push(letter),
            }
        }
        self
    }

    /// Adds a sentence of ours, in which words between backticks are code.
    pub(super) fn prose(&mut self, text: &str) -> &mut Self {
        let parts: Vec<&str> = text.split('`').collect();
        // An odd backtick stands for itself.
        if parts.len().is_multiple_of(2) {
            return self.text(text);
        }
        for (index, part) in parts.into_iter().enumerate() {
            match index.is_multiple_of(2) {
                true => self.text(part),
                false => self.raw("<code>").text(part).raw("</code>"),
            };
        }
        self
    }

    /// Adds a link, or only its text when the address is not one of the web.
    pub(super) fn link(&mut self, address: &str) -> &mut Self {
        if !address.starts_with("https://") && !address.starts_with("http://") {
            return self.text(address);
        }
        self.raw("<a href=\"").text(address).raw("\">").text(address).raw("</a>")
    }

    /// Adds a word of a report with its mark; the mark says without colour what the colour says.
    pub(super) fn marked(&mut self, tone: Tone, word: &str) -> &mut Self {
        let (class, mark) = match tone {
            Tone::Good => ("good", "✓ "),
            Tone::Bad => ("bad", "✗ "),
            Tone::Mind => ("mind", "~ "),
            Tone::Quiet => ("quiet", "– "),
        };
        self.raw("<span class=\"mark ").raw(class).raw("\">").raw(mark).text(word).raw("</span>")
    }

    /// Adds the identifier of a case's own place on the page.
    pub(super) fn anchor(&mut self, case: &str) -> &mut Self {
        self.raw("case-").text(&case.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-"))
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// What a word means to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// As it should be.
    Good,
    /// Needs attention.
    Bad,
    /// Known, or not binding.
    Mind,
    /// Says nothing about the SDK.
    Quiet,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_no_markup_and_a_script_is_no_link() {
        let mut page = Markup::default();
        page.text("<b a='\"'>&").raw("|").link("javascript:alert(1)").raw("|");
        page.link("https://example.com/?a=\"><script>").raw("|").anchor("totp/a\"b");
        assert_eq!(
            page.into_text(),
            "&lt;b a=&#39;&quot;&#39;&gt;&amp;|javascript:alert(1)|\
             <a href=\"https://example.com/?a=&quot;&gt;&lt;script&gt;\">\
             https://example.com/?a=&quot;&gt;&lt;script&gt;</a>|case-totp-a-b"
        );
    }

    #[test]
    fn backticks_make_code_in_pairs_only() {
        let mut page = Markup::default();
        page.prose("needs `a<b` once").raw("|").prose("an odd ` stays").raw("|").prose("``");
        assert_eq!(page.into_text(), "needs <code>a&lt;b</code> once|an odd ` stays|<code></code>");
    }
}
