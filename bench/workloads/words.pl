# SPDX-License-Identifier: MIT
# Text work for perl: words.pl LINES. Makes lines of words, splits them, counts, groups and sorts the words, and joins
# them again: many small strings, arrays and hashes, kept and dropped. Prints a checksum.
use strict;
use warnings;

my $lines = shift // 20000;
my $seed = 42;
sub random { $seed = ($seed * 1103515245 + 12345) & 0x7fffffff; return ($seed >> 8) % $_[0]; }

my @syllables = qw(ka lo mi ne ru ta vo shi pe na ri su do ge bu);
sub word { return join '', map { $syllables[random(scalar @syllables)] } 1 .. 1 + random(4); }

my (%count, %lines_of, @text);
for my $number (1 .. $lines) {
    push @text, join ' ', map { word() } 1 .. 8 + random(8);
}
for my $number (0 .. $#text) {
    for my $word (split / /, $text[$number]) {
        $count{$word}++;
        push @{$lines_of{$word}}, $number;
    }
}
my @ranked = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
my $checksum = 0;
for my $word (@ranked) {
    my $context = join '/', map { substr $text[$_], 0, 12 } @{$lines_of{$word}};
    (my $other = $context) =~ s/(\w+)/ucfirst $1/ge;
    $checksum = ($checksum * 31 + length $other) % 1000000007;
}
print scalar(@ranked), " words, checksum $checksum\n";
